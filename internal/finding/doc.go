// Package finding turns tokenised matches into findings: one place, the kinds
// of card data seen there, and counts that stay exact while memory stays
// bounded. In come matches, out come finding versions and sorted segments of
// tokens. It never sees a clear card number.
package finding
