package objectstore

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeStore answers like an S3-compatible store, as far as listing and ranged
// reads go. It is a fake: it checks that requests are signed, not how.
type fakeStore struct {
	mu       sync.Mutex // guards all below
	objects  map[string][]byte
	fault    map[string]string // key -> error code
	meta     map[string]string // for all objects
	break1   int               // transfers to break off
	requests []string
	page     int
	url      string
}

func newFake(t *testing.T) (*fakeStore, *Bucket) {
	t.Helper()
	f := &fakeStore{objects: map[string][]byte{}, fault: map[string]string{}, meta: map[string]string{}, page: 3}
	server := httptest.NewServer(f)
	f.url = server.URL
	t.Cleanup(server.Close)
	b, err := Open("s3://shop/logs/", Options{Endpoint: server.URL, Access: "AKIAEXAMPLE", Secret: "very secret"})
	if err != nil {
		t.Fatal(err)
	}
	return f, b
}

func (f *fakeStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Range"))
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		refuse(w, http.StatusForbidden, "AccessDenied")
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case bucket != "shop":
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	case key == "":
		f.list(w, r)
	default:
		f.read(w, r, key)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>object is encrypted with a key</Message></Error>", code)
}

func (f *fakeStore) list(w http.ResponseWriter, r *http.Request) {
	type content struct {
		Key, ETag string
		Size      int
	}
	var page struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken string
		Contents              []content
	}
	after := r.FormValue("continuation-token")
	for _, key := range slices.Sorted(maps.Keys(f.objects)) {
		if !strings.HasPrefix(key, r.FormValue("prefix")) || key <= after {
			continue
		}
		if len(page.Contents) == f.page {
			page.IsTruncated, page.NextContinuationToken = true, page.Contents[f.page-1].Key
			break
		}
		page.Contents = append(page.Contents, content{key, etag(f.objects[key]), len(f.objects[key])})
	}
	xml.NewEncoder(w).Encode(page)
}

func etag(content []byte) string {
	return fmt.Sprintf(`"%x-%d"`, len(content), content[:min(1, len(content))])
}

func (f *fakeStore) read(w http.ResponseWriter, r *http.Request, key string) {
	content, ok := f.objects[key]
	if code := f.fault[key]; code != "" {
		status := map[string]int{"AccessDenied": 403, "InvalidObjectState": 403, "InvalidRequest": 400}[code]
		refuse(w, status, code)
		return
	}
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	if match := r.Header.Get("If-Match"); match != "" && strings.Trim(match, `"`) != strings.Trim(etag(content), `"`) {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	for name, value := range f.meta {
		w.Header().Set("X-Amz-Meta-"+name, value)
	}
	var from, to int
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); err != nil || to >= len(content) {
		w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		return
	}
	w.Header().Set("ETag", etag(content))
	w.Header().Set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
	w.Header().Set("Content-Length", strconv.Itoa(to-from+1))
	w.WriteHeader(http.StatusPartialContent)
	part := content[from : to+1]
	if f.break1 > 0 {
		f.break1--
		part = part[:len(part)/2]
	}
	w.Write(part)
}

func listed(t *testing.T, b *Bucket) []Object {
	t.Helper()
	var all []Object
	for o, err := range b.Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

func TestListsPageByPage(t *testing.T) {
	f, b := newFake(t)
	for i := range 10 {
		f.objects[fmt.Sprintf("logs/%02d", i)] = []byte("x")
	}
	f.objects["other"] = []byte("x")
	all := listed(t, b)
	if len(all) != 10 || all[9].Key != "logs/09" {
		t.Errorf("got %+v", all)
	}
	if got := b.Path(all[0]); got != "s3://shop/logs/00" {
		t.Errorf("got the path %s", got)
	}
	if len(f.requests) < 4 {
		t.Errorf("got %d requests for four pages", len(f.requests))
	}
}

func TestReadsAnywhere(t *testing.T) {
	f, b := newFake(t)
	content := make([]byte, 9*blockSize+777)
	rand.New(rand.NewSource(1)).Read(content)
	f.objects["logs/big"] = content
	f.objects["logs/empty"] = nil
	f.meta["Note"] = "from till 4"
	f.break1 = 1
	all := listed(t, b)
	r, err := b.Open(t.Context(), all[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !slices.Equal(r.Labels, []string{"Note: from till 4"}) {
		t.Errorf("got the labels %q", r.Labels)
	}
	got, err := io.ReadAll(io.NewSectionReader(r, 0, r.object.Size))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("forwards: got %d bytes and %v", len(got), err)
	}
	for _, at := range []int64{9*blockSize + 770, 0, 5*blockSize - 3, blockSize} {
		p := make([]byte, 7)
		if n, err := r.ReadAt(p, at); n != 7 || err != nil || !bytes.Equal(p, content[at:at+7]) {
			t.Errorf("at %d: got %d bytes and %v", at, n, err)
		}
	}
	if n, err := r.ReadAt(make([]byte, 10), int64(len(content))-4); n != 4 || err != io.EOF {
		t.Errorf("at the end: got %d bytes and %v", n, err)
	}
	if len(r.blocks) > maxBlocks {
		t.Errorf("got %d blocks in memory", len(r.blocks))
	}
	none, err := b.Open(t.Context(), all[1])
	if err != nil {
		t.Fatal(err)
	}
	if n, err := none.ReadAt(make([]byte, 1), 0); n != 0 || err != io.EOF {
		t.Errorf("an empty object: got %d bytes and %v", n, err)
	}
}

func TestFaultsHaveNames(t *testing.T) {
	f, b := newFake(t)
	for key, code := range map[string]string{"logs/a": "AccessDenied", "logs/b": "InvalidObjectState", "logs/c": "InvalidRequest", "logs/d": "", "logs/e": ""} {
		f.objects[key], f.fault[key] = []byte("content"), code
	}
	all := listed(t, b)
	delete(f.objects, "logs/d")
	f.objects["logs/e"] = []byte("other text")
	for i, want := range []error{ErrDenied, ErrArchived, ErrEncrypted, fs.ErrNotExist, ErrChanged} {
		if _, err := b.Open(t.Context(), all[i]); err != want {
			t.Errorf("%s: got %v, want %v", all[i].Key, err, want)
		}
	}
}

func TestBadStores(t *testing.T) {
	for _, address := range []string{"s3://", "s3:///x", "s3://key:secret@bucket/x"} {
		if _, err := Open(address, Options{}); err != ErrAddress {
			t.Errorf("%s: got %v", address, err)
		}
	}
	for _, endpoint := range []string{"host:9000", "ftp://host", "https://key:secret@host"} {
		if _, err := Open("s3://b", Options{Endpoint: endpoint}); err != ErrAddress {
			t.Errorf("%s: got %v", endpoint, err)
		}
	}
	f, b := newFake(t)
	b.name = "none"
	for _, err := range b.Objects(t.Context()) {
		if !errors.Is(err, ErrNoBucket) {
			t.Errorf("no bucket: got %v", err)
		}
	}
	home := t.TempDir()
	for _, name := range []string{"HOME", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_PROFILE"} {
		t.Setenv(name, home)
	}
	t.Setenv("AWS_PROFILE", "")
	if _, err := Open("s3://shop", Options{Endpoint: f.url, Profile: "till"}); err != ErrCredentials {
		t.Errorf("a profile that is not there: got %v", err)
	}
	if b, err := Open("s3://shop", Options{Endpoint: f.url}); err != nil {
		t.Error(err)
	} else {
		for _, err := range b.Objects(t.Context()) {
			if err != ErrCredentials {
				t.Errorf("nobody asks: got %v", err)
			}
		}
	}
}
