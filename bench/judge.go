//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A judge knows what the API acknowledged and which files hold a leak, and
// nothing else of the centre. It asks the API whether all of it is there.
type judge struct {
	mu     sync.Mutex          // guards what follows, and what a killer keeps to repeat
	notes  map[string][]string // acknowledged, by case; a case without notes has an entry
	fresh  map[string]bool     // cases acknowledged or written to since the last look
	leaks  map[string]string   // finding by path; empty while none was seen
	recent map[string]bool     // paths planted since the last look
	lost   []string
}

func newJudge() *judge {
	return &judge{notes: map[string][]string{}, fresh: map[string]bool{}, leaks: map[string]string{}, recent: map[string]bool{}}
}

// String counts what has been acknowledged, and what of it is lost.
func (j *judge) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, notes := range j.notes {
		n += len(notes)
	}
	return fmt.Sprintf("%d cases, %d notes; %d leaks; %d lost", len(j.notes), n, len(j.leaks), len(j.lost))
}

func (j *judge) worst() string {
	if len(j.lost) == 0 {
		return "none"
	}
	return strings.Join(j.lost[:min(len(j.lost), 5)], "; ")
}

func (j *judge) miss(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); len(j.lost) == 0 || j.lost[len(j.lost)-1] != text {
		j.lost = append(j.lost, text)
	}
}

func (j *judge) planted(path string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.leaks[path], j.recent[path] = "", true
}

// acknowledged takes in the answer to a call, and returns the case's id.
func (j *judge) acknowledged(r request, out json.RawMessage) (string, error) {
	var answer struct{ Case, ID string }
	if err := json.Unmarshal(out, &answer); err != nil {
		return "", fmt.Errorf("read answer to %s: %w", r.key, err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if text, ok := r.body["text"].(string); ok {
		j.notes[answer.ID] = append(j.notes[answer.ID], text)
		j.fresh[answer.ID] = true
		return answer.ID, nil
	}
	if answer.Case == "" {
		return "", fmt.Errorf("the answer to %s names no case", r.key)
	}
	j.notes[answer.Case], j.fresh[answer.Case] = nil, true
	return answer.Case, nil
}

// look compares what is known with what the API shows: what is new since the
// last look, or everything.
func (j *judge) look(ctx context.Context, c *centre, everything bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for id, notes := range j.notes {
		if !everything && !j.fresh[id] {
			continue
		}
		if err := j.lookAtCase(ctx, c, id, notes); err != nil {
			return err
		}
	}
	clear(j.fresh)
	if err := j.lookAtLeaks(ctx, c, everything); err != nil {
		return err
	}
	clear(j.recent)
	return nil
}

// lookAtCase wants each acknowledged note once, and no other note twice.
func (j *judge) lookAtCase(ctx context.Context, c *centre, id string, notes []string) error {
	var shown struct {
		Notes []struct{ Text string }
	}
	err := c.call(ctx, http.MethodGet, "/cases/"+id, "", nil, &shown)
	var refused *refusal
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		j.miss("case %s is not there", id)
		return nil
	}
	if err != nil {
		return err
	}
	times := map[string]int{}
	for _, n := range shown.Notes {
		if times[n.Text]++; times[n.Text] == 2 {
			j.miss("case %s has the note %q twice", id, n.Text)
		}
	}
	for _, text := range notes {
		if times[text] == 0 {
			j.miss("case %s lacks the note %q", id, text)
		}
	}
	return nil
}

// lookLong is how long a leak may take to be found after a start.
const lookLong = 30 * time.Second

// lookAtLeaks wants each leak to be one finding in a case, and to remain the
// finding that it was.
func (j *judge) lookAtLeaks(ctx context.Context, c *centre, everything bool) error {
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		shown, err := j.shown(ctx, c, everything)
		if err != nil {
			return err
		}
		missing := ""
		for path := range j.leaks {
			if (everything || j.recent[path]) && len(shown[path]) == 0 {
				missing = path
			}
		}
		if missing != "" && time.Since(began) < lookLong {
			continue
		}
		if missing != "" {
			j.miss("the leak at %s is not found", short(missing))
		}
		j.compare(shown)
		return nil
	}
}

func (j *judge) compare(shown map[string][]found) {
	for path, list := range shown {
		before, ours := j.leaks[path]
		switch {
		case !ours:
			j.miss("a finding at %s, where nothing was planted", short(path))
		case len(list) > 1:
			j.miss("%d findings at %s", len(list), short(path))
		case before != "" && before != list[0].ID:
			j.miss("another finding at %s", short(path))
		case list[0].Low != 1 || list[0].High != 1:
			j.miss("%d to %d cards at %s, want 1", list[0].Low, list[0].High, short(path))
		case list[0].Case == "":
			j.miss("the finding at %s is in no case", short(path))
		}
		if ours && len(list) > 0 {
			j.leaks[path] = list[0].ID
		}
	}
}

// shown returns findings by path: as many of the newest as were planted since
// the last look and as many again, or all.
func (j *judge) shown(ctx context.Context, c *centre, everything bool) (map[string][]found, error) {
	out := map[string][]found{}
	cursor := ""
	for n := 0; everything || n < 2*len(j.recent); {
		list, next, err := c.findings(ctx, cursor, 200)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			out[f.Path] = append(out[f.Path], f)
		}
		n += len(list)
		if cursor = next; next == "" {
			break
		}
	}
	return out, nil
}

// short leaves out the folders that only this machine has.
func short(path string) string {
	if i := strings.Index(path, "/till/"); i >= 0 {
		return path[i+1:]
	}
	return path
}
