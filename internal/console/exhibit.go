package console

import (
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/evidence"
)

// ownExhibit returns the exhibit of the address, if it belongs to its case.
func (v *visit) ownExhibit() (evidence.ID, error) {
	id := evidence.ID(v.r.PathValue("exhibit"))
	x, err := v.c.Custodian.Exhibit(v.ctx(), v.c.Tenant, id)
	if err == nil && x.Case != v.r.PathValue("id") {
		err = evidence.ErrNone
	}
	return id, err
}

func verifyExhibit(v *visit) error {
	return v.onCase("verified", func(casefile.ID) error {
		id, err := v.ownExhibit()
		if err != nil {
			return err
		}
		return v.c.Custodian.Verify(v.ctx(), v.actor(), id)
	})
}

// attachment hands out a file that was taken in to be read. The browser is
// told to save it and never to show it: what people hand in may be a page.
func attachment(v *visit) error {
	id, err := v.ownExhibit()
	if err != nil {
		return err
	}
	content, x, err := v.c.Custodian.Attached(v.ctx(), v.c.Tenant, id)
	if err != nil {
		return err
	}
	defer content.Close()
	v.download(visible(x.Name))
	_, _ = io.Copy(v.w, content) // the visitor left if this fails
	return nil
}

// exportExhibit hands out an exhibit for somebody else: sealed as it is, with
// its custody and the ledger's proofs.
func exportExhibit(v *visit) error {
	file := &saved{v: v}
	err := v.exportTo(file)
	switch sentence, status, ok := v.problem(err); {
	case err == nil:
		return nil
	case file.begun:
		// Half a file must not look like a whole one.
		v.c.Log.ErrorContext(v.ctx(), "export not finished", "err", err)
		panic(http.ErrAbortHandler)
	case ok:
		return v.caseWith(casefile.ID(v.r.PathValue("id")), sentence, status)
	}
	return err
}

func (v *visit) exportTo(file *saved) error {
	id, err := v.ownExhibit()
	if err != nil {
		return err
	}
	if err := casefile.CleanText(v.form("reason")); err != nil {
		return err
	}
	if err := v.prove(); err != nil {
		return err
	}
	file.name = fmt.Sprintf("exhibit-%s.tar", id)
	return v.c.Custodian.Export(v.ctx(), v.actor(), id, v.r.PostFormValue("passphrase"), v.form("reason"), file)
}

// A saved answer becomes a file to save with its first byte. Until then it can
// still be a page that says what is wrong.
type saved struct {
	v     *visit
	name  string
	begun bool
}

// Write implements [io.Writer].
func (s *saved) Write(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.v.download(s.name)
	}
	return s.v.w.Write(p)
}

// download makes the answer a file to save.
func (v *visit) download(name string) {
	h := v.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-store")
}
