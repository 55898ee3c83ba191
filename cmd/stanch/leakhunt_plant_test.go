package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"

	"github.com/stanch/stanch/card/cardtest"
)

func unhex(digits string) []byte {
	out, err := hex.DecodeString(digits[:len(digits)/2*2])
	if err != nil {
		return nil
	}
	return out
}

// put writes a file of the shop, and the same one where the hunter is proved.
func (x *chase) put(path string, content []byte) {
	x.t.Helper()
	for _, root := range []string{"shop", "control"} {
		whole := filepath.Join(x.dir, root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(whole), 0o755); err != nil {
			x.t.Fatal(err)
		}
		if err := os.WriteFile(whole, content, 0o644); err != nil {
			x.t.Fatal(err)
		}
	}
}

// leak writes a file that has to become a finding.
func (x *chase) leak(path string, content []byte) {
	x.t.Helper()
	x.files++
	x.put(path, content)
}

// lines are card lines as a shop writes them, each with a number of its own.
func (x *chase) lines(n int, brand, where, format string) string {
	var out strings.Builder
	for i := range n {
		pan := x.number(brand, where)
		out.WriteString(strings.NewReplacer("{pan}", pan, "{track1}", cardtest.Track1(pan, uint64(i)), "{track2}", cardtest.Track2(pan, uint64(i)),
			"{cvv}", cardtest.CVV(uint64(i)), "{exp}", cardtest.Expiry(uint64(i)), "{spaced}", pan[:4]+" "+pan[4:8]+" "+pan[8:12]+" "+pan[12:],
			"{dashed}", pan[:4]+"-"+pan[4:8]+"-"+pan[8:12]+"-"+pan[12:], "{hex}", hex.EncodeToString([]byte(cardtest.Track2(pan, 1))),
			"{base64}", base64.StdEncoding.EncodeToString([]byte("track2="+cardtest.Track2(pan, 1)))).Replace(format))
		out.WriteByte('\n')
	}
	return out.String()
}

// plantAll plants every kind of leak.
func (x *chase) plantAll() {
	x.leak("pos/debug.log", []byte(x.lines(12, "unionpay", "debug.log", "DEBUG track1={track1} track2={track2} cvn2={cvv} pinblock=041234FFFFFFFFFF")))
	x.leak("office/export.csv", []byte("name,"+x.number("visa", "a CSV header")+",card number\n"+x.lines(20, "visa", "export.csv", "guest,{exp},{pan}")))
	x.leak("office/spaced.txt", []byte(x.lines(6, "visa", "spaced.txt", "card {spaced} or {dashed}")))
	x.leak("office/hex.txt", []byte(x.lines(6, "mastercard", "hex.txt", "{hex}")))
	x.leak("office/base64.txt", []byte(x.lines(6, "mastercard", "base64.txt", "{base64}")))
	x.leak("office/long.txt", []byte(strings.Repeat("a ", 1<<20)+x.lines(3, "visa", "a long line", "card {pan} ")+strings.Repeat("b ", 1<<20)))
	x.leak("office/notes.txt", utf16Text(x.lines(6, "visa", "notes.txt", "card number {pan}")))
	x.leak("office/broken.txt", append([]byte{0xff, 0xfe, 0xfd, '\n', 0xc3, '\n'}, x.lines(6, "visa", "broken.txt", "card \xff{pan}\xfe")...))
	x.leak("office/resident.txt", []byte(x.residents()))
	x.named()
	x.archives()
	x.database2()
	x.growing()
}

func utf16Text(text string) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}

func (x *chase) residents() string {
	var out strings.Builder
	for n := range uint64(5) {
		id := cardtest.ResidentID(9000 + n)
		x.hunt(id, "resident.txt")
		fmt.Fprintf(&out, "身份证号 %s card %s\n", id, x.number("unionpay", "resident.txt"))
	}
	return out.String()
}

// named plants numbers in names: of files, folders, links, pipes.
func (x *chase) named() {
	for _, form := range []string{"{pan}.txt", "slip {spaced}.txt", "{dashed}.log", "{pan}/in a folder.txt", "a{pan}b/{pan}/deep.txt", "卡{pan}.txt"} {
		name := strings.TrimSuffix(x.lines(1, "visa", "a name "+form, form), "\n")
		x.leak(name, []byte(x.lines(6, "unionpay", "a file with a number for a name", "card {track2}")))
	}
	shop := filepath.Join(x.dir, "shop")
	x.put(x.number("visa", "the name of an empty file")+".empty", nil)
	link := filepath.Join(shop, x.number("visa", "the name of a link"))
	if err := os.Symlink("pos/debug.log", link); err != nil {
		x.t.Fatal(err)
	}
	if err := os.Symlink(x.number("visa", "the target of a link"), filepath.Join(shop, "dangling")); err != nil {
		x.t.Fatal(err)
	}
	if err := mkfifo(filepath.Join(shop, x.number("visa", "the name of a pipe"))); err != nil {
		x.t.Fatal(err)
	}
	old := filepath.Join(shop, x.number("visa", "a name before")+".moved")
	x.files++
	if err := os.WriteFile(old, []byte(x.lines(6, "unionpay", "a file that moves", "card {track2}")), 0o644); err != nil {
		x.t.Fatal(err)
	}
	if err := os.Rename(old, filepath.Join(shop, x.number("visa", "a name after")+".moved")); err != nil {
		x.t.Fatal(err)
	}
}

// archives plants numbers in members and in their names, and archives that
// cannot be read, whose troubles are told.
func (x *chase) archives() {
	var whole bytes.Buffer
	z := zip.NewWriter(&whole)
	for _, member := range []string{x.number("visa", "a member's name") + ".txt", "a/" + x.number("visa", "a member's folder") + "/b.csv"} {
		w, err := z.Create(member)
		if err != nil {
			x.t.Fatal(err)
		}
		fmt.Fprint(w, x.lines(6, "mastercard", "a member of a zip", "card {pan}"))
	}
	if err := z.SetComment(x.number("visa", "the comment of a zip")); err != nil {
		x.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		x.t.Fatal(err)
	}
	x.leak("backup/receipts.zip", whole.Bytes())
	x.put("backup/torn.zip", whole.Bytes()[:whole.Len()/2])
	x.put(x.number("visa", "the name of a torn archive")+".zip", whole.Bytes()[:whole.Len()/3])
	var packed bytes.Buffer
	g := gzip.NewWriter(&packed)
	g.Name, g.Comment = x.number("visa", "the name in a gzip"), x.number("visa", "the comment of a gzip")
	t := tar.NewWriter(g)
	content := x.lines(6, "unionpay", "a member of a tar", "card {track2}")
	head := &tar.Header{Name: x.number("visa", "a member of a tar") + ".log", Size: int64(len(content)), Mode: 0o600, Uname: x.number("visa", "an owner in a tar")}
	if err := t.WriteHeader(head); err != nil {
		x.t.Fatal(err)
	}
	fmt.Fprint(t, content)
	if err := t.Close(); err != nil {
		x.t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		x.t.Fatal(err)
	}
	x.leak("backup/logs.tar.gz", packed.Bytes())
	x.put("backup/torn.tar.gz", packed.Bytes()[:packed.Len()*2/3])
}

// database2 plants numbers in a database of the shop's own.
func (x *chase) database2() {
	path := filepath.Join(x.dir, "shop", "orders.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		x.t.Fatal(err)
	}
	defer db.Close()
	table := x.number("visa", "a column's name")
	if _, err := db.Exec(`CREATE TABLE orders (id INTEGER, "c` + table + `" TEXT)`); err != nil {
		x.t.Fatal(err)
	}
	for i := range 8 {
		if _, err := db.Exec(`INSERT INTO orders VALUES ($1, $2)`, i, "card "+x.number("visa", "a row")); err != nil {
			x.t.Fatal(err)
		}
	}
	x.files++
}

// growing writes a log in pieces, one in the middle of a number.
func (x *chase) growing() {
	x.files++
	f, err := os.OpenFile(filepath.Join(x.dir, "shop", "growing.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		x.t.Fatal(err)
	}
	defer f.Close()
	text := x.lines(10, "unionpay", "growing.log", "DEBUG track2={track2}")
	for len(text) > 0 {
		n := min(101, len(text))
		if _, err := f.WriteString(text[:n]); err != nil {
			x.t.Fatal(err)
		}
		text = text[n:]
		_ = x.owner.get("/healthz") // lets some time pass
	}
}

// typeNumbers has people type numbers where none belongs: in texts, names,
// paths, queries, headers, keys and files. Each has to be refused or masked,
// and none may come back.
func (x *chase) typeNumbers() {
	typed := func(where string) string { return x.number("visa", "what was typed as "+where) }
	first := x.findings[0]
	id := ""
	for _, f := range x.findings {
		if f.Case != "" {
			id = f.Case
		}
	}
	refused := func(what string, got reply) {
		x.t.Helper()
		if got.status < http.StatusBadRequest {
			x.t.Errorf("%s with a card number: got %d, want a refusal", what, got.status)
		}
	}
	for _, f := range []string{"text", "place"} {
		refused("sign "+f, x.owner.try(http.MethodPost, "/cases", map[string]any{"kind": "skimmer", "reporter": "bank", f: "card " + typed("a sign's "+f)}))
		refused("sign "+f+" by form", x.owner.form("/cases/new", "kind", "skimmer", "reporter", "bank", f, "card "+typed("a sign's "+f)))
	}
	for _, f := range []string{"kind", "reporter", "case", "data", "exhibits", "from", "cards_low", "unknown"} {
		refused("sign "+f, x.owner.try(http.MethodPost, "/cases", map[string]any{"kind": "skimmer", "reporter": "bank", "text": "x", f: typed("a sign's " + f)}))
	}
	refused("exhibit of a sign", x.owner.try(http.MethodPost, "/cases", map[string]any{"kind": "skimmer", "reporter": "bank", "exhibits": []string{typed("an exhibit")}}))
	refused("note", x.owner.try(http.MethodPost, "/cases/"+id+"/notes", map[string]any{"text": "he said " + typed("a note")}))
	refused("spaced note", x.owner.try(http.MethodPost, "/cases/"+id+"/notes", map[string]any{"text": strings.TrimSpace(x.lines(1, "visa", "a spaced note", "{spaced}"))}))
	refused("box", x.owner.try(http.MethodPost, "/cases/"+id+"/notes", map[string]any{"text": "x", "box": typed("a box")}))
	refused("note by form", x.owner.form("/cases/"+id+"/note", "text", typed("a note")))
	for _, verb := range []string{"confirm", "rule-out", "close", "reopen"} {
		refused(verb, x.owner.try(http.MethodPost, "/cases/"+id+"/"+verb, reason("because "+typed(verb))))
		refused(verb+" by form", x.owner.form("/cases/"+id+"/"+verb, "reason", typed(verb), "summary", typed(verb)))
	}
	for _, f := range []string{"what", "item", "state", "reason", "owner"} {
		mark := map[string]any{"what": "task", "item": "protect.log", "state": "not_needed", "reason": "x"}
		mark[f] = "x " + typed("a mark's "+f)
		refused("mark "+f, x.owner.try(http.MethodPost, "/cases/"+id+"/marks", mark))
	}
	refused("evidence of a mark", x.owner.try(http.MethodPost, "/cases/"+id+"/marks", map[string]any{"what": "task", "item": "protect.log", "state": "done", "evidence": []string{typed("evidence")}}))
	refused("cause", x.owner.try(http.MethodPost, "/cases/"+id+"/cause", map[string]any{"cause": typed("a cause")}))
	refused("plan's reason", x.owner.try(http.MethodPost, "/plans", map[string]any{"case": id, "action": "seal", "findings": []string{first.ID}, "reason": "because " + typed("a plan's reason")}))
	refused("plan's finding", x.owner.try(http.MethodPost, "/plans", map[string]any{"case": id, "action": "seal", "findings": []string{typed("a finding")}, "reason": "x"}))
	refused("plan's action", x.owner.try(http.MethodPost, "/plans", map[string]any{"case": id, "action": typed("an action"), "findings": []string{first.ID}, "reason": "x"}))
	refused("token's label", x.owner.try(http.MethodPost, "/tokens", map[string]any{"role": "auditor", "label": typed("a label")}))
	refused("token's role", x.owner.try(http.MethodPost, "/tokens", map[string]any{"role": typed("a role"), "label": "x"}))
	refused("token's label by form", x.owner.form("/settings/tokens", "role", "auditor", "label", typed("a label"), "days", "9"))
	refused("presence", x.owner.try(http.MethodPost, "/presence", map[string]any{"password": typed("a password")}))
	refused("sign-in", x.owner.try(http.MethodPost, "/session", map[string]any{"login": typed("a login"), "password": "x"}))
	x.owner.form("/signin", "login", typed("a login"), "password", typed("a password"), "next", "/"+typed("where to go on"))
	refused("house", x.owner.form("/settings/house", "name", typed("a house"), "kind", "shop", "country", "CN", "zone", "UTC"))
	refused("acquirer", x.owner.form("/settings/house", "name", "x", "kind", "shop", "country", "CN", "zone", "UTC", "acquirer", typed("an acquirer")))
	refused("person", x.owner.form("/settings/people/invite", "role", "auditor", "name", typed("a person")))
	refused("folder to watch", x.owner.form("/settings/watch", "path", "/"+typed("a folder")))
	refused("registry", x.owner.upload("/estate", "estate.csv", []byte("kind,code,name\nmerchant,m1,"+typed("a registry")+"\n")))
	refused("registry's header", x.owner.upload("/estate", typed("a file")+".csv", []byte("kind,code,"+typed("a registry")+"\n")))
	x.owner.upload("/cases/"+id+"/attach", "slip.txt", []byte("card "+typed("an attachment")))
	x.owner.upload("/cases/"+id+"/attach", typed("an attachment's name")+".txt", []byte("clean"))
	x.owner.upload("/cases/"+id+"/attach", "slip "+typed("a sealed attachment's name")+".txt", []byte("card "+typed("a sealed attachment")), "seal", "yes")
	x.owner.upload("/cases/new", "slip.txt", []byte("card "+typed("an attachment")), "kind", "skimmer", "reporter", "bank", "text", "a slip")
	x.strayNumbers(typed)
}

// strayNumbers puts numbers where requests are addressed and described.
func (x *chase) strayNumbers(typed func(string) string) {
	for _, path := range []string{"/cases/", "/findings/", "/plans/", "/evidence/", "/ledger/", "/ledger/entries/", "/nothing/", "/link/", "/assets/", "/cases?state=", "/findings?cursor=", "/findings?state=", "/findings?q=", "/ledger?kind=", "/ledger?below=", "/cases?cursor=", "/plans?state=", "/signin?next=/", "/?said=", "/sheet?x="} {
		x.owner.get(path + typed("a path "+path))
		x.owner.try(http.MethodGet, path+typed("a path "+path), nil)
		x.owner.try(http.MethodPost, path+typed("a path "+path), map[string]string{typed("a key"): typed("a value")})
		stranger := newGuest(x.t, x.seat.base, "en", x.heard)
		stranger.get(path + typed("a stranger's path"+path))
	}
	for _, header := range []string{"Idempotency-Key", "User-Agent", "Accept-Language", "Referer", "X-Request-Id", "Last-Event-ID", "X-Forwarded-For"} {
		x.owner.try(http.MethodPost, "/tokens", map[string]any{"role": "auditor", "label": "x"}, header, typed(header))
		x.owner.try(http.MethodGet, "/me", nil, header, typed(header))
	}
	x.owner.try(http.MethodGet, "/me", nil, "Authorization", "Bearer "+typed("a token"))
	x.owner.try(http.MethodGet, "/me", nil, "Cookie", "stanch_session="+typed("a session"))
	x.owner.try(http.MethodGet, "/me", nil, "Cookie", "stanch_lang="+typed("a language"))
	x.owner.form("/language", "lang", typed("a language"), "next", "/"+typed("where to go on"))
	for _, words := range [][]string{
		{"case", "open", "--kind", "skimmer", "--reporter", "bank", "--text", typed("--text")}, {"case", "open", "--kind", typed("--kind"), "--reporter", "bank"},
		{"token", "create", "--role", "auditor", "--label", typed("--label")}, {"token", "revoke", typed("a token")}, {"account", "recover", typed("a login")},
		{"ledger", "verify", "--key", typed("--key")}, {"serve", "--watch", typed("--watch")}, {typed("a word")}, {"serve", "--listen", typed("--listen")},
		{"evidence", "verify", typed("a file")}, {"drill", "--database", typed("--database")}, {"scan", typed("a target")},
	} {
		if words[0] != "drill" && words[0] != "scan" {
			words = append(words, "--config", x.config)
		}
		code, out, errs := runOnce(x.t.Context(), program(x.t), x.dir, x.env, words...)
		x.heard("stanch "+words[0]+"'s answer", []byte(out+errs))
		if code == 0 {
			x.t.Errorf("stanch %s with a card number: got exit 0, want a refusal", words[:2])
		}
	}
}
