package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/record"
)

// fault returns a problem with a stable word that programs can decide by.
func fault(status int, word, detail string) *huma.ErrorModel {
	return &huma.ErrorModel{Type: "/faults/" + word, Title: http.StatusText(status), Status: status, Detail: detail}
}

func writeFault(w http.ResponseWriter, f *huma.ErrorModel) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(f.Status)
	_ = json.NewEncoder(w).Encode(f) // the client is gone if this fails
}

// A known error is one that the API may show, with its status and word.
type known struct {
	err    error
	status int
	word   string
}

// knowns is what each error of ours looks like from outside. The first that
// fits counts. "May not know" is answered as "not found".
func knowns() []known {
	return []known{
		{casefile.ErrNoCase, http.StatusNotFound, "no_such_case"},
		{containment.ErrNoPlan, http.StatusNotFound, "no_such_plan"},
		{evidence.ErrNone, http.StatusNotFound, "no_such_exhibit"},
		{access.ErrNoAccount, http.StatusNotFound, "no_such_account"},
		{record.ErrNone, http.StatusNotFound, "no_such_thing"},
		{access.ErrForbidden, http.StatusForbidden, "forbidden"},
		{access.ErrPresence, http.StatusForbidden, "presence_needed"},
		{approval.ErrPresence, http.StatusForbidden, "presence_needed"},
		{containment.ErrPresence, http.StatusForbidden, "presence_needed"},
		{access.ErrSession, http.StatusUnauthorized, "not_signed_in"},
		{access.ErrToken, http.StatusUnauthorized, "not_signed_in"},
		{access.ErrSignIn, http.StatusUnauthorized, "wrong_login"},
		{access.ErrFirstRunOver, http.StatusConflict, "first_run_over"},
		{access.ErrRole, http.StatusUnprocessableEntity, "no_such_role"},
		{access.ErrName, http.StatusUnprocessableEntity, "bad_label"},
		{access.ErrExpiry, http.StatusUnprocessableEntity, "bad_expiry"},
		{casefile.ErrState, http.StatusConflict, "wrong_state"},
		{casefile.ErrGates, http.StatusConflict, "not_ready"},
		{casefile.ErrReason, http.StatusUnprocessableEntity, "reason_needed"},
		{casefile.ErrEvidence, http.StatusUnprocessableEntity, "evidence_needed"},
		{casefile.ErrContradicts, http.StatusConflict, "contradicts_finding"},
		{casefile.ErrOpenTasks, http.StatusConflict, "open_tasks"},
		{casefile.ErrStored, http.StatusConflict, "contradicts_finding"},
		{casefile.ErrUnknown, http.StatusUnprocessableEntity, "unknown_item"},
		{casefile.ErrAway, http.StatusConflict, "folder_away"},
		{casefile.ErrCount, http.StatusUnprocessableEntity, "bad_count"},
		{casefile.ErrFuture, http.StatusUnprocessableEntity, "in_the_future"},
		{casefile.ErrWindow, http.StatusUnprocessableEntity, "bad_window"},
		{casefile.ErrCardData, http.StatusUnprocessableEntity, "card_data"},
		{approval.ErrOwnRequest, http.StatusConflict, "own_request"},
		{approval.ErrTwice, http.StatusConflict, "approved_already"},
		{approval.ErrHash, http.StatusConflict, "plan_changed"},
		{containment.ErrState, http.StatusConflict, "wrong_state"},
		{containment.ErrChanged, http.StatusConflict, "target_changed"},
		{containment.ErrApproval, http.StatusConflict, "not_approved"},
		{containment.ErrBusy, http.StatusConflict, "busy"},
		{containment.ErrEmpty, http.StatusUnprocessableEntity, "no_targets"},
		{containment.ErrDraft, http.StatusUnprocessableEntity, "bad_plan"},
		{containment.ErrPassphrase, http.StatusForbidden, "passphrase_needed"},
		{evidence.ErrPassphrase, http.StatusForbidden, "wrong_passphrase"},
		{evidence.ErrMistyped, http.StatusForbidden, "passphrase_mistyped"},
		{evidence.ErrDamaged, http.StatusConflict, "damaged"},
		{evidence.ErrNoIdentity, http.StatusConflict, "no_identity"},
		{evidence.ErrTooLarge, http.StatusRequestEntityTooLarge, "too_large"},
		{record.ErrFull, http.StatusInsufficientStorage, "disk_full"},
		{errBusyKey, http.StatusConflict, "outcome_unknown"},
		{errOtherRequest, http.StatusUnprocessableEntity, "key_reused"},
		{errCursor, http.StatusUnprocessableEntity, "bad_cursor"},
	}
}

// explain turns an error into a problem. What it does not recognise it logs,
// and shows nothing of.
func (a *API) explain(ctx context.Context, err error) error {
	var shown *huma.ErrorModel
	if errors.As(err, &shown) {
		return shown
	}
	var slow *access.Throttled
	if errors.As(err, &slow) {
		f := fault(http.StatusTooManyRequests, "too_many_attempts", slow.Error())
		return huma.ErrorWithHeaders(f, http.Header{"Retry-After": {strconv.Itoa(int(slow.Retry.Seconds()) + 1)}})
	}
	var holds *evidence.HoldsCards
	if errors.As(err, &holds) {
		return fault(http.StatusUnprocessableEntity, "card_data", holds.Error())
	}
	for _, k := range knowns() {
		if errors.Is(err, k.err) {
			return fault(k.status, k.word, detailOf(err, k.err))
		}
	}
	a.Log.ErrorContext(ctx, "request failed", "err", err)
	return fault(http.StatusInternalServerError, "internal", "something failed here; the log of the centre says what")
}

// detailOf returns what a caller may read: the sentinel's own sentence, and
// for a case that cannot close what is missing.
func detailOf(err, sentinel error) string {
	var notReady *casefile.NotReady
	if errors.As(err, &notReady) {
		return notReady.Error()
	}
	return sentinel.Error()
}

// discreet takes out of a validation problem whatever quotes the request: a
// value may be a card number.
func discreet(_ huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	if model.Type == "" {
		model.Type = "/faults/invalid"
	}
	for _, detail := range model.Errors {
		detail.Value = nil
		detail.Message = card.MaskText(detail.Message)
		detail.Location = card.MaskText(detail.Location)
	}
	return model, nil
}
