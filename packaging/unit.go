// Package packaging holds what a release consists of besides the program. It
// gives out the systemd unit, so that `stanch service` prints the one that is
// shipped, and does nothing itself.
package packaging

import _ "embed"

// Unit is the systemd unit of the centre.
//
//go:embed debian/stanch.service
var Unit string

// Lock is the addition to the unit that lets the centre lock files.
//
//go:embed debian/lock.conf
var Lock string

// Settings is the settings file that comes with the unit.
//
//go:embed debian/stanch.yaml
var Settings string
