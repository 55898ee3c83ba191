package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/card/cardtest"
)

// The commands below make places to scan that are no files.

// cardWord stands for card number N of a brand: {visa:7}.
var cardWord = regexp.MustCompile(`\{([a-z]+):([0-9]+)\}`)

func withCards(text string) string {
	return cardWord.ReplaceAllStringFunc(text, func(word string) string {
		parts := cardWord.FindStringSubmatch(word)
		n, err := strconv.ParseUint(parts[2], 10, 64)
		if err != nil {
			panic(err)
		}
		return cardtest.Number(card.Brand(parts[1]), 16, n)
	})
}

// tables ADDRESS FILE runs the statements of FILE, one a line.
func tables(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tables ADDRESS FILE")
	}
	driver, dsn := "pgx", args[0]
	if file, ok := strings.CutPrefix(args[0], "sqlite:"); ok {
		driver, dsn = "sqlite", ts.MkAbs(file)
	}
	db, err := sql.Open(driver, dsn)
	ts.Check(err)
	defer db.Close()
	for _, statement := range strings.Split(ts.ReadFile(args[1]), "\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := db.Exec(withCards(statement)); err != nil {
			ts.Fatalf("run a statement of %s: %s", args[1], card.MaskText(err.Error()))
		}
	}
}

// keeper FILE starts a process that has FILE in its memory, and sets PID.
func keeper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: keeper FILE")
	}
	c := exec.Command("sh", "-c", "read held; echo ready; read more")
	in, err := c.StdinPipe()
	ts.Check(err)
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	ts.Defer(func() { _ = in.Close(); _ = c.Process.Kill(); _ = c.Wait() })
	_, err = io.WriteString(in, strings.TrimSpace(ts.ReadFile(args[0]))+"\n")
	ts.Check(err)
	_, err = io.ReadFull(out, make([]byte, len("ready")))
	ts.Check(err)
	ts.Setenv("PID", strconv.Itoa(c.Process.Pid))
}

// bucket DIR serves the files below DIR as the objects of the bucket "shop",
// and sets what the AWS tools read. It is a fake store, for lists of one page
// and ranged reads; an object whose name holds "denied" is refused.
func bucket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: bucket DIR")
	}
	server := httptest.NewServer(fakeBucket{os.DirFS(ts.MkAbs(args[0]))})
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("AWS_ACCESS_KEY_ID", "AKIASCRIPT")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "tell-nobody")
}

type fakeBucket struct{ files fs.FS }

func (f fakeBucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, inside := strings.CutPrefix(r.URL.Path, "/shop/")
	switch {
	case !strings.Contains(r.Header.Get("Authorization"), "AKIASCRIPT"), strings.Contains(key, "denied"):
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<Error><Code>AccessDenied</Code><Key>%s</Key></Error>", key)
	case inside && key != "":
		content, err := fs.ReadFile(f.files, key)
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("ETag", etagOf(content))
		w.Header().Set("X-Amz-Meta-Note", withCards("from card {jcb:1}"))
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(content))
	case inside:
		f.list(w, r.FormValue("prefix"))
	default:
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, "<Error><Code>NoSuchBucket</Code></Error>")
	}
}

func etagOf(content []byte) string { return fmt.Sprintf("\"%x\"", sha256.Sum256(content)) }

func (f fakeBucket) list(w http.ResponseWriter, prefix string) {
	type content struct {
		Key, ETag, LastModified string
		Size                    int64
	}
	page := struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []content
	}{}
	_ = fs.WalkDir(f.files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && strings.HasPrefix(path, prefix) {
			text, err := fs.ReadFile(f.files, path)
			if err != nil {
				return err
			}
			page.Contents = append(page.Contents, content{filepath.ToSlash(path), etagOf(text), "2026-01-01T00:00:00.000Z", int64(len(text))})
		}
		return err
	})
	_ = xml.NewEncoder(w).Encode(page)
}
