package console

import (
	"cmp"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net/http"
	"strings"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/approval"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/record"
)

var errLarge = errors.New("request is too large")

// A Fault is the page of an error.
type Fault struct {
	Frame
	Word      string // key of the sentences, under "fault."
	Reference string // finds the error in the log, if it is one we do not know
	Back      string
	Ask       bool // for the password, and go on to Back
}

// face turns an error into a status and the key of its sentence. An empty key
// is an error that nobody may be shown.
func face(err error) (status int, word string) {
	var weak *access.WeakPassword
	var wait *access.Throttled
	var holds *evidence.HoldsCards
	switch {
	case errors.As(err, &weak):
		return http.StatusUnprocessableEntity, "weak_" + weak.Why
	case errors.As(err, &wait):
		return http.StatusTooManyRequests, "throttled"
	case errors.As(err, &holds) && holds.Unexamined:
		return http.StatusUnprocessableEntity, "file_unexamined"
	case errors.As(err, &holds):
		return http.StatusUnprocessableEntity, "file_holds_cards"
	}
	for _, f := range faces {
		if errors.Is(err, f.err) {
			return f.status, f.word
		}
	}
	return http.StatusInternalServerError, ""
}

// faces lists the errors that have a sentence. The first that matches counts.
var faces = []struct {
	err    error
	status int
	word   string
}{
	{errNoPage, http.StatusNotFound, "no_page"},
	{casefile.ErrNoCase, http.StatusNotFound, "no_case"},
	{record.ErrNone, http.StatusNotFound, "no_page"},
	{errMay, http.StatusForbidden, "may_not"},
	{errCrossOrigin, http.StatusForbidden, "cross_origin"},
	{errLarge, http.StatusRequestEntityTooLarge, "too_large"},
	{casefile.ErrCardData, http.StatusUnprocessableEntity, "card_data"},
	{casefile.ErrEvidence, http.StatusUnprocessableEntity, "evidence"},
	{casefile.ErrContradicts, http.StatusConflict, "contradicts"},
	{casefile.ErrAway, http.StatusConflict, "away"},
	{casefile.ErrCount, http.StatusUnprocessableEntity, "count"},
	{casefile.ErrStored, http.StatusConflict, "stored"},
	{casefile.ErrOpenTasks, http.StatusConflict, "open_tasks"},
	{casefile.ErrWindow, http.StatusUnprocessableEntity, "window"},
	{record.ErrFull, http.StatusInsufficientStorage, "full"},
	{casefile.ErrReason, http.StatusUnprocessableEntity, "reason"},
	{casefile.ErrGates, http.StatusConflict, "gates"},
	{casefile.ErrState, http.StatusConflict, "state"},
	{casefile.ErrUnknown, http.StatusUnprocessableEntity, "unknown_item"},
	{errFuture, http.StatusUnprocessableEntity, "future"},
	{errTime, http.StatusUnprocessableEntity, "time"},
	{errField, http.StatusUnprocessableEntity, "field"},
	{errAgain, http.StatusUnprocessableEntity, "again"},
	{errPassword, http.StatusUnprocessableEntity, "password"},
	{errSignedOut, http.StatusUnauthorized, "signed_out"},
	{access.ErrSignIn, http.StatusUnprocessableEntity, "sign_in"},
	{access.ErrSession, http.StatusUnprocessableEntity, "session"},
	{access.ErrLink, http.StatusGone, "link"},
	{access.ErrFirstRunOver, http.StatusGone, "first_run_over"},
	{access.ErrLogin, http.StatusUnprocessableEntity, "login"},
	{access.ErrTaken, http.StatusConflict, "taken"},
	{access.ErrName, http.StatusUnprocessableEntity, "name"},
	{access.ErrRole, http.StatusUnprocessableEntity, "field"},
	{access.ErrLang, http.StatusUnprocessableEntity, "field"},
	{access.ErrReason, http.StatusUnprocessableEntity, "reason"},
	{access.ErrExpiry, http.StatusUnprocessableEntity, "expiry"},
	{access.ErrLastOwner, http.StatusConflict, "last_owner"},
	{access.ErrStillOpen, http.StatusConflict, "still_open"},
	{access.ErrSetUp, http.StatusConflict, "set_up"},
	{access.ErrNoAccount, http.StatusNotFound, "no_page"},
	{access.ErrToken, http.StatusNotFound, "no_page"},
	{access.ErrForbidden, http.StatusForbidden, "may_not"},
	{access.ErrPresence, http.StatusForbidden, "presence"},
	{approval.ErrOwnRequest, http.StatusConflict, "own_request"},
	{approval.ErrTwice, http.StatusConflict, "twice"},
	{approval.ErrHash, http.StatusConflict, "plan_changed"},
	{approval.ErrPresence, http.StatusForbidden, "presence"},
	{containment.ErrNoPlan, http.StatusNotFound, "no_plan"},
	{containment.ErrState, http.StatusConflict, "plan_state"},
	{containment.ErrChanged, http.StatusConflict, "plan_changed"},
	{containment.ErrApproval, http.StatusConflict, "plan_unapproved"},
	{containment.ErrPresence, http.StatusForbidden, "presence"},
	{containment.ErrPassphrase, http.StatusUnprocessableEntity, "passphrase_needed"},
	{containment.ErrEmpty, http.StatusConflict, "plan_empty"},
	{containment.ErrDraft, http.StatusUnprocessableEntity, "plan_draft"},
	{containment.ErrBusy, http.StatusConflict, "plan_busy"},
	{evidence.ErrPassphrase, http.StatusUnprocessableEntity, "passphrase"},
	{evidence.ErrMistyped, http.StatusUnprocessableEntity, "passphrase_mistyped"},
	{evidence.ErrNoIdentity, http.StatusConflict, "no_identity"},
	{evidence.ErrNone, http.StatusNotFound, "no_page"},
	{evidence.ErrDamaged, http.StatusConflict, "damaged"},
	{evidence.ErrDestroyed, http.StatusGone, "destroyed"},
	{evidence.ErrTooLarge, http.StatusRequestEntityTooLarge, "too_large"},
	{estate.ErrAddress, http.StatusUnprocessableEntity, "address"},
	{estate.ErrKey, http.StatusUnprocessableEntity, "alarm_key"},
	{estate.ErrCardData, http.StatusUnprocessableEntity, "card_data"},
	{estate.ErrName, http.StatusUnprocessableEntity, "name"},
	{estate.ErrTooMany, http.StatusConflict, "too_many"},
	{estate.ErrNoChannel, http.StatusNotFound, "no_page"},
	{estate.ErrImport, http.StatusUnprocessableEntity, "import"},
	{ErrFolder, http.StatusUnprocessableEntity, "folder"},
}

// fault answers with the page of an error.
func (c *Console) fault(v *visit, err error) {
	status, word := face(err)
	page := &Fault{Word: word, Back: "/"}
	if word == "" {
		page.Word, page.Reference = "internal", reference()
		c.Log.ErrorContext(v.ctx(), "request failed", "route", v.r.Pattern, "reference", page.Reference, "err", err)
	}
	if v.r.Method == http.MethodPost {
		page.Back = backTo(v.r)
	}
	page.Ask = word == "presence" && v.who != nil
	page.Title = v.tongue.sayOf("fault", page.Word+".title")
	if err := v.render("fault", status, page); err != nil {
		c.Log.ErrorContext(v.ctx(), "error page failed", "reference", page.Reference, "err", err)
		http.Error(v.w, page.Reference, http.StatusInternalServerError)
	}
}

// backTo is the page that a failed form most likely stood on.
func backTo(r *http.Request) string {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) > 1 && (parts[0] == "cases" || parts[0] == "plans") {
		return "/" + parts[0] + "/" + parts[1]
	}
	if parts[0] == "welcome" {
		return "/welcome/" + cmp.Or(known([]string{"house", "sheet"}, parts[len(parts)-1]), "ready")
	}
	return "/" + parts[0]
}

func reference() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // crypto/rand ends the program rather than fail
	return base32.StdEncoding.EncodeToString(b[:])
}

// problem returns the sentence of an error that a form should show beside
// itself, or false if it is not one of those.
func (v *visit) problem(err error) (sentence string, status int, ok bool) {
	status, word := face(err)
	if word == "" || status == http.StatusNotFound || status == http.StatusForbidden && word != "presence" {
		return "", 0, false
	}
	return v.tongue.sayOf("fault", word+".text"), status, true
}
