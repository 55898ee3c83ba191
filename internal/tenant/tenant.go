// Package tenant names the organisation whose cases, findings and evidence a
// row, key or stream belongs to. It holds a name and its rules, and nothing
// else: whoever stores a thing takes an ID first.
package tenant

import (
	"errors"
	"strings"
)

// An ID is the organisation that owns a thing: a shop, a chain or a payment
// operator. The merchants of an operator are estate, not tenants.
type ID string

// Default is the one tenant of an installation that serves a single
// organisation.
const Default ID = "main"

// ErrBadID is returned for a name that is empty, longer than 64 bytes, or
// holds anything but lower-case letters, digits and hyphens.
var ErrBadID = errors.New("tenant: want 1 to 64 lower-case letters, digits or hyphens")

// Parse checks s and returns it as an ID, or [ErrBadID].
func Parse(s string) (ID, error) {
	if s == "" || len(s) > 64 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return "", ErrBadID
	}
	return ID(s), nil
}
