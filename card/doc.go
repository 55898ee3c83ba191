// Package card holds what is true of card numbers everywhere: how they are
// checked, masked, told apart by brand, and turned into tokens. In go digits or
// text, out come masked forms and tokens. It never stores, logs or sends a
// number, and its types never print one.
package card
