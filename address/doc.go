// Package address owns the one form of an e-mail address and of a domain by which
// the program compares, searches, stores as a key and erases, and the form in which
// people read a domain. What is sent to Symphony stays as it was written.
//
// It knows nothing of Foyer: every package may import it, and it imports none of
// them. It must not say whether an address is allowed, or exists.
package address
