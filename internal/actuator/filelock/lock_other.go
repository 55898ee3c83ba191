//go:build !linux

package filelock

import (
	"context"
	"encoding/json"
	"io"

	"github.com/stanch/stanch/internal/containment"
)

// This system gives no way to act on a file by descriptor and to exchange two
// names in one step, so what is promised of a lock cannot be kept here. Every
// method says so instead of trying.

// Inspect implements [containment.Actuator].
func (l *Lock) Inspect(_ context.Context, at containment.Where, _ containment.Mode) (containment.Inspection, error) {
	return containment.Inspection{}, fault(at, containment.FaultUnsupported)
}

// Same implements [containment.Actuator].
func (l *Lock) Same(_ context.Context, at containment.Where, _ containment.Fingerprint) (bool, error) {
	return false, fault(at, containment.FaultUnsupported)
}

// Capture implements [containment.Actuator].
func (l *Lock) Capture(_ context.Context, at containment.Where, _ containment.Fingerprint, _ func(json.RawMessage, int64, io.Reader) error) error {
	return fault(at, containment.FaultUnsupported)
}

// Remove implements [containment.Actuator].
func (l *Lock) Remove(_ context.Context, at containment.Where, _ containment.Fingerprint, _ containment.Options) error {
	return fault(at, containment.FaultUnsupported)
}

// Prepare implements [containment.Actuator].
func (l *Lock) Prepare(_ context.Context, at containment.Where, _ containment.Fingerprint, _ containment.Options) (containment.Fingerprint, error) {
	return containment.Fingerprint{}, fault(at, containment.FaultUnsupported)
}

// Swap implements [containment.Actuator].
func (l *Lock) Swap(_ context.Context, at containment.Where, _, _ containment.Fingerprint, _ containment.Options) error {
	return fault(at, containment.FaultUnsupported)
}

// Restore implements [containment.Actuator].
func (l *Lock) Restore(_ context.Context, r containment.Restoration) (string, error) {
	return "", fault(r.At, containment.FaultUnsupported)
}

// Settle implements [containment.Actuator].
func (l *Lock) Settle(_ context.Context, at containment.Where, _ containment.Fingerprint, _ containment.Options) error {
	return fault(at, containment.FaultUnsupported)
}
