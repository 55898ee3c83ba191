package console_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// upload sends a form with a file as a browser does.
func (p *person) upload(path, name, content string, fields ...string) (int, string) {
	p.s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		p.s.must(w.WriteField(fields[i], fields[i+1]))
	}
	part, err := w.CreateFormFile("file", name)
	p.s.must(err)
	_, err = part.Write([]byte(content))
	p.s.must(err)
	p.s.must(w.Close())
	r, err := http.NewRequest(http.MethodPost, p.s.server.URL+path, &body)
	p.s.must(err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.do(r)
}

// TestReportWithRefusedFile goes to the case that a sign opened although its
// file was not taken in, and says both.
func TestReportWithRefusedFile(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	confirmAny(s, p)
	number := cardtest.Number(card.Visa, 16, 7)
	status, to := p.upload("/cases/new", "cards.csv", "1,"+number, "kind", "skimmer", "reporter", "staff", "place", "till 3")
	if status != http.StatusSeeOther || !strings.HasPrefix(to, "/cases/") || strings.HasPrefix(to, "/cases/new") {
		t.Fatalf("got %d %.300s, want a redirect to the case", status, plain(to))
	}
	page := p.see(to, "on record in this case, but the file was not kept", "holds card data")
	if strings.Contains(page, number) || !strings.Contains(page, `name="seal"`) {
		t.Error("the page shows the number, or offers no sealing")
	}
}

// TestRefusedTextComesBack has what was typed stand in its box again, without
// the card number that it was refused for.
func TestRefusedTextComesBack(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	f := s.leak("a.log", 6)
	number := cardtest.Number(card.Visa, 16, 7)
	page := "/cases/" + f.Case
	for path, fields := range map[string][]string{
		"/cases/new":       {"kind", "other", "reporter", "staff", "text"},
		page + "/note":     {"text"},
		page + "/confirm":  {"reason"},
		page + "/rule-out": {"reason"},
		page + "/mark":     {"what", "task", "item", "protect.log", "tab", "tasks", "state", "done", "reason"},
	} {
		status, body := p.post(path, append(fields, "the vendor read out "+number+" aloud")...)
		if status < 400 || strings.Contains(body, number) {
			t.Errorf("%s: got %d, or the number came back", path, status)
		}
		if !strings.Contains(body, ">the vendor read out ") || !strings.Contains(body, " aloud</textarea>") {
			t.Errorf("%s: what was typed is lost", path)
		}
	}
}

func TestAttachments(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	passphrase := confirmAny(s, p)
	f := s.leak("a.log", 6)
	page := "/cases/" + f.Case
	if status, to := p.upload(page+"/attach", "letter.txt", "the acquirer writes", "tab", "evidence"); status != http.StatusSeeOther || !strings.Contains(to, "said=attached") {
		t.Fatalf("attach: got %d %.300s", status, plain(to))
	}
	evidence := p.see(page+"?tab=evidence", "letter.txt", "Download")
	file := regexp.MustCompile(`/cases/[^"]+/exhibits/[^"]+/file`).FindString(evidence)
	if _, body := p.get(file); body != "the acquirer writes" {
		t.Errorf("download: got %.80q", body)
	}
	number := cardtest.Number(card.Visa, 16, 7)
	status, body := p.upload(page+"/attach", "cards.csv", "1,"+number, "tab", "evidence")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "holds card data") || strings.Contains(body, number) {
		t.Errorf("attach a card number: got %d %.300s", status, plain(body))
	}
	if status, to := p.upload(page+"/attach", "cards.csv", "1,"+number, "seal", "yes", "tab", "evidence"); status != http.StatusSeeOther {
		t.Errorf("seal it: got %d %.300s", status, plain(to))
	}
	sealed := p.see(page+"?tab=evidence", "cards.csv")
	verify := regexp.MustCompile(`/cases/[^"]+/exhibits/[^"]+/verify`).FindAllString(sealed, -1)
	p.to(page, verify[len(verify)-1], "tab", "evidence")
	if status, _ := p.get(strings.Replace(verify[len(verify)-1], "/verify", "/file", 1)); status != http.StatusNotFound {
		t.Errorf("download what is sealed: got %d, want 404", status)
	}
	export := strings.Replace(verify[len(verify)-1], "/verify", "/export", 1)
	for name, fields := range map[string][]string{
		"no password":    {"reason", "for the acquirer", "passphrase", passphrase},
		"no passphrase":  {"reason", "for the acquirer", "password", password},
		"wrong password": {"reason", "for the acquirer", "passphrase", passphrase, "password", "another one entirely"},
		"no reason":      {"passphrase", passphrase, "password", password},
	} {
		status, body := p.post(export, fields...)
		if status != http.StatusUnprocessableEntity || strings.Contains(body, "age-encryption.org") || !strings.Contains(body, "<html") {
			t.Errorf("export, %s: got %d %.200s, want a page that says so", name, status, plain(body))
		}
	}
	if status, body := p.post(export, "reason", "for the acquirer", "passphrase", passphrase, "password", password); status != http.StatusOK || strings.Contains(body, number) || !strings.Contains(body, "age-encryption.org") {
		t.Errorf("export: got %d, want a sealed file", status)
	}
}

// A spy looks into a folder while an upload is examined.
type spy struct {
	dir  string
	seen chan []os.DirEntry
}

func (s spy) HoldsCardData(context.Context, string, io.ReaderAt, int64) (holds, refused bool, err error) {
	list, err := os.ReadDir(s.dir)
	s.seen <- list
	return false, false, err
}

// TestUploadTouchesNoDisk says that what is handed in never lies in clear in
// a temporary file.
func TestUploadTouchesNoDisk(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	confirmAny(s, p)
	f := s.leak("a.log", 6)
	look := spy{t.TempDir(), make(chan []os.DirEntry, 1)}
	s.custodian.Examiner = look
	t.Setenv("TMPDIR", look.dir)
	if status, to := p.upload("/cases/"+f.Case+"/attach", "large.txt", strings.Repeat("till ", 1<<20)); status != http.StatusSeeOther {
		t.Fatalf("attach 5 MB: got %d %.300s", status, plain(to))
	}
	if list := <-look.seen; len(list) != 0 {
		t.Errorf("got %s in the folder for temporary files, want nothing", list[0].Name())
	}
}

func TestEstateImport(t *testing.T) {
	s := newShop(t)
	p := s.owner("en")
	if status, to := p.upload("/estate", "list.csv", "kind,code,name\nmerchant,M1,Corner\nstore,S1,North gate\n"); status != http.StatusSeeOther {
		t.Fatalf("import: got %d %.500s", status, plain(to))
	}
	p.see("/estate", "North gate", "Merchant")
	status, body := p.upload("/estate", "list.csv", "kind,code,name\nboat,B1,Ferry\n")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "Line 2:") || !strings.Contains(body, "no such kind") {
		t.Errorf("bad line: got %d %.500s", status, plain(body))
	}
	if status, _ := p.post("/estate"); status != http.StatusUnprocessableEntity {
		t.Errorf("no file: got %d, want 422", status)
	}
}
