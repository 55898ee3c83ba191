package console

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stanch/stanch/internal/evidence"
)

// A WelcomeSheet shows the recovery sheet once, and asks for one group of it.
type WelcomeSheet struct {
	Frame
	Sheet   *evidence.Sheet // nil before it is made, and once it was confirmed
	Ask     int             // which group to type, from 1
	Made    int64
	Print   string
	Org     string
	Checked bool
}

// sheetShown is how long a recovery sheet that nobody confirmed can still be
// seen by the person who made it.
const sheetShown = time.Hour

// sheets holds recovery sheets between being made and being confirmed: in
// memory, for one person, for a short while.
type sheets struct {
	now func() time.Time

	mu   sync.Mutex // guards held
	held map[string]heldSheet
}

type heldSheet struct {
	sheet *evidence.Sheet
	ask   int
	until time.Time
}

func newSheets(now func() time.Time) *sheets { return &sheets{now: now, held: map[string]heldSheet{}} }

func (s *sheets) hold(account string, sheet *evidence.Sheet) {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(sheet.Groups))))
	ask := 0
	if err == nil {
		ask = int(n.Int64())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[account] = heldSheet{sheet, ask, s.now().Add(sheetShown)}
}

func (s *sheets) of(account string) (heldSheet, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.held[account]
	if ok && s.now().After(h.until) {
		delete(s.held, account)
		return heldSheet{}, false
	}
	return h, ok
}

func (s *sheets) forget(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, account)
}

func welcomeSheetPage(v *visit) error { return v.welcomeSheetWith("", http.StatusOK) }

func (v *visit) welcomeSheetWith(problem string, status int) error {
	page := &WelcomeSheet{Org: v.house.Name}
	page.Frame = Frame{Title: v.tongue.say("welcome.sheet.title"), Bare: true, Problem: problem}
	identity, err := v.c.Custodian.Identity(v.ctx(), v.c.Tenant)
	switch {
	case err == nil && identity.Confirmed != 0:
		page.Made, page.Print = identity.MadeAt, identity.Fingerprint
	case err != nil && !errors.Is(err, evidence.ErrNoIdentity):
		return err
	}
	if held, ok := v.c.sheets.of(string(v.who.Account)); ok {
		page.Sheet, page.Ask = held.sheet, held.ask+1
	}
	return v.render("welcome_sheet", status, page)
}

// welcomeSheet makes the sheet, and then takes the group that shows that it
// was written down. Until then another one can be made.
func welcomeSheet(v *visit) error {
	account := string(v.who.Account)
	if v.form("do") == "make" {
		sheet, err := v.c.Custodian.MakeIdentity(v.ctx(), v.actor())
		if err != nil && !errors.Is(err, evidence.ErrIdentity) {
			return err
		}
		if err == nil {
			v.c.sheets.hold(account, sheet)
		}
		return v.onward("/welcome/sheet", "")
	}
	held, ok := v.c.sheets.of(account)
	if !ok {
		return v.checkSheet()
	}
	typed := strings.ToLower(strings.ReplaceAll(v.form("group"), " ", ""))
	if subtle.ConstantTimeCompare([]byte(typed), []byte(strings.ToLower(held.sheet.Groups[held.ask]))) != 1 {
		return v.welcomeSheetWith(v.tongue.say("welcome.sheet.wrong", "n", held.ask+1), http.StatusUnprocessableEntity)
	}
	err := v.c.Custodian.ConfirmIdentity(v.ctx(), v.actor(), held.sheet.Fingerprint)
	if errors.Is(err, evidence.ErrOtherSheet) {
		v.c.sheets.forget(account)
		return v.welcomeSheetWith(v.tongue.say("welcome.sheet.other"), http.StatusConflict)
	}
	if err != nil && !errors.Is(err, evidence.ErrIdentity) {
		return err
	}
	v.c.sheets.forget(account)
	return v.onward("/welcome/ready", "")
}

// checkSheet tries the whole passphrase, for a sheet made earlier.
func (v *visit) checkSheet() error {
	err := v.c.Custodian.CheckPassphrase(v.ctx(), v.c.Tenant, v.r.PostFormValue("passphrase"))
	if err == nil {
		return v.onward("/welcome/ready", "sheet_ok")
	}
	if sentence, status, ok := v.problem(err); ok {
		return v.welcomeSheetWith(sentence, status)
	}
	return err
}
