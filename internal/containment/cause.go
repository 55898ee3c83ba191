package containment

import (
	"context"
	"errors"
	"log/slog"

	"github.com/stanch/stanch/card"
)

// faultOf returns the word for an error: the actuator's, or the one given.
func faultOf(err error, otherwise string) string {
	var fault *Fault
	if errors.As(err, &fault) {
		return fault.Word
	}
	return otherwise
}

// cause logs what a word on the plan does not say of an error. A fault that
// says all by its word is not logged.
func (p *Planner) cause(ctx context.Context, id ID, step string, err error) {
	if p.Log == nil || err == nil {
		return
	}
	var fault *Fault
	text := err.Error()
	if errors.As(err, &fault) {
		if fault.Word != FaultInternal && fault.Word != FaultSeal {
			return
		}
		if fault.Cause != nil {
			text += ": " + fault.Cause.Error()
		}
	}
	// A path in the text may hold a card number.
	p.Log.ErrorContext(ctx, "step of plan failed", slog.String("plan", string(id)), slog.String("step", step), slog.String("err", card.MaskText(text)))
}
