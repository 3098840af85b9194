/** What is asked of an end customer. */
export const CUSTOMER_LABELS = { name: 'Name', email: 'E-mail', phone: 'Phone', notes: 'Notes' };
