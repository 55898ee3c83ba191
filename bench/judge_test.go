//go:build linux

package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A fakeCentre answers like a centre that may have lost something.
type fakeCentre struct {
	notes    []string
	findings []found
}

func (f *fakeCentre) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var out any
	switch r.URL.Path {
	case "/api/v1/cases/c1":
		notes := []map[string]string{}
		for _, text := range f.notes {
			notes = append(notes, map[string]string{"text": text})
		}
		out = map[string]any{"id": "c1", "notes": notes}
	case "/api/v1/findings":
		out = map[string]any{"items": f.findings}
	default:
		w.WriteHeader(http.StatusNotFound)
		out = map[string]any{"type": "/faults/no_such_case", "status": 404}
	}
	_ = json.NewEncoder(w).Encode(out)
}

func TestJudge(t *testing.T) {
	whole := found{ID: "f1", Path: "/w/till/1/debug.log", Case: "c9", Low: 1, High: 1}
	uncased, other := whole, whole
	uncased.Case, other.ID = "", "f2"
	strange := found{ID: "f3", Path: "/w/till/7/debug.log", Case: "c9", Low: 1, High: 1}
	tests := []struct {
		name  string
		open  string // id of the case that was acknowledged
		shown fakeCentre
		want  string // part of what is said to be lost; empty if nothing is
	}{
		{"all there", "c1", fakeCentre{[]string{"one", "two"}, []found{whole}}, ""},
		{"a note nobody was told of", "c1", fakeCentre{[]string{"one", "two", "three"}, []found{whole}}, ""},
		{"a note is lost", "c1", fakeCentre{[]string{"one"}, []found{whole}}, "lacks the note"},
		{"a note is there twice", "c1", fakeCentre{[]string{"one", "two", "two"}, []found{whole}}, "twice"},
		{"a case is lost", "c2", fakeCentre{nil, []found{whole}}, "is not there"},
		{"two findings of one leak", "c1", fakeCentre{[]string{"one", "two"}, []found{whole, other}}, "2 findings"},
		{"another finding than before", "c1", fakeCentre{[]string{"one", "two"}, []found{other}}, "another finding"},
		{"a finding in no case", "c1", fakeCentre{[]string{"one", "two"}, []found{uncased}}, "no case"},
		{"a finding of nothing", "c1", fakeCentre{[]string{"one", "two"}, []found{whole, strange}}, "nothing was planted"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(&test.shown)
			defer server.Close()
			c := &centre{installation: &installation{}, base: server.URL, client: server.Client()}
			j := newJudge()
			j.planted(whole.Path)
			j.leaks[whole.Path] = "f1"
			id, err := j.acknowledged(request{body: map[string]any{"kind": "other"}}, json.RawMessage(`{"case":"`+test.open+`"}`))
			if err != nil || id != test.open {
				t.Fatalf("acknowledge a case: got %q, %v", id, err)
			}
			for _, text := range []string{"one", "two"} {
				if _, err := j.acknowledged(request{body: map[string]any{"text": text}}, json.RawMessage(`{"id":"`+test.open+`"}`)); err != nil {
					t.Fatal(err)
				}
			}
			if err := j.look(t.Context(), c, true); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(j.lost, "; ")
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("lost: got %q, want %q", got, test.want)
			}
		})
	}
}
