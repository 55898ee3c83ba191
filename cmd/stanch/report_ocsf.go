package main

import (
	"bufio"
	"io"
	"path"
	"strings"
	"time"

	"github.com/stanch/stanch/internal/finding"
)

// reportOCSF writes an OCSF 1.3.0 Data Security Finding (class 2006) a line for
// each place and class, with counts and without matched text, as a SIEM takes
// it in. What a place holds is added up in memory, so places are bounded.
type reportOCSF struct {
	w      *bufio.Writer
	names  pseudonyms
	now    func() time.Time
	places map[[2]string]*ocsfPlace
	order  []*ocsfPlace
}

// An ocsfPlace is what one file or member holds of one class.
type ocsfPlace struct {
	path, class string
	count       int64
	confidence  string
	also        map[string]bool
	cards       map[string]bool
}

const (
	ocsfVersion   = "1.3.0"
	ocsfPlaces    = 100_000
	ocsfCards     = 100_000 // that are counted apart at one place
	ocsfFinancial = 3       // data_security.category_id
	ocsfPersonal  = 1
	ocsfSecurity  = 6
)

type (
	ocsfEvent struct {
		ActivityID   int          `json:"activity_id"`
		ActivityName string       `json:"activity_name"`
		CategoryUID  int          `json:"category_uid"`
		CategoryName string       `json:"category_name"`
		ClassUID     int          `json:"class_uid"`
		ClassName    string       `json:"class_name"`
		TypeUID      int          `json:"type_uid"`
		TypeName     string       `json:"type_name"`
		Time         int64        `json:"time"` // milliseconds
		SeverityID   int          `json:"severity_id"`
		Severity     string       `json:"severity"`
		StatusID     int          `json:"status_id"`
		Status       string       `json:"status"`
		ConfidenceID int          `json:"confidence_id"`
		Confidence   string       `json:"confidence"`
		Count        int64        `json:"count"`
		Message      string       `json:"message"`
		Metadata     ocsfMetadata `json:"metadata"`
		FindingInfo  ocsfInfo     `json:"finding_info"`
		DataSecurity ocsfData     `json:"data_security"`
		File         ocsfFile     `json:"file"`
		Unmapped     ocsfUnmapped `json:"unmapped"`
	}
	ocsfMetadata struct {
		Version string      `json:"version"`
		Product ocsfProduct `json:"product"`
	}
	ocsfProduct struct {
		Name    string `json:"name"`
		Vendor  string `json:"vendor_name"`
		Version string `json:"version"`
	}
	ocsfInfo struct {
		UID     string   `json:"uid"`
		Title   string   `json:"title"`
		Types   []string `json:"types"`
		Created int64    `json:"created_time"`
	}
	ocsfData struct {
		CategoryID  int    `json:"category_id"`
		Category    string `json:"category"`
		LifecycleID int    `json:"data_lifecycle_state_id"`
		Lifecycle   string `json:"data_lifecycle_state"`
		Pattern     string `json:"detection_pattern"`
	}
	ocsfFile struct {
		Name   string `json:"name"`
		Path   string `json:"path"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}
	ocsfUnmapped struct {
		Also     []string `json:"also,omitempty"`
		Distinct int      `json:"distinct_cards"`
	}
)

func newReportOCSF(w io.Writer, names pseudonyms) report {
	return &reportOCSF{w: bufio.NewWriterSize(w, 64<<10), names: names, now: time.Now, places: map[[2]string]*ocsfPlace{}}
}

func (t *reportOCSF) begin() error { return nil }

func (t *reportOCSF) match(m *finding.Match) error {
	key := [2]string{m.Path, m.Class}
	p := t.places[key]
	if p == nil {
		if len(t.order) >= ocsfPlaces {
			if err := t.flush(); err != nil {
				return err
			}
		}
		p = &ocsfPlace{path: m.Path, class: m.Class, also: map[string]bool{}, cards: map[string]bool{}}
		t.places[key] = p
		t.order = append(t.order, p)
	}
	p.count++
	if m.Confidence == "high" || p.confidence == "" || p.confidence == "low" {
		p.confidence = m.Confidence
	}
	for _, class := range m.Also {
		p.also[class] = true
	}
	if m.Token != "" && len(p.cards) < ocsfCards {
		p.cards[string(m.Token)] = true
	}
	return nil
}

func (t *reportOCSF) end(*scanSummary) error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.w.Flush()
}

func (t *reportOCSF) flush() error {
	for _, p := range t.order {
		line, err := plainJSON(t.event(p))
		if err != nil {
			return err
		}
		if _, err := t.w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	clear(t.places)
	t.order = t.order[:0]
	return nil
}

// event says what a place holds. Severity follows what may never be stored.
func (t *reportOCSF) event(p *ocsfPlace) ocsfEvent {
	now := t.now().UnixMilli()
	severity, word := 4, "High"
	switch p.class {
	case "track1", "track2", "cvv", "pin_block":
		severity, word = 5, "Critical"
	case "phone", "expiry":
		severity, word = 3, "Medium"
	}
	category, named := ocsfCategory(p.class)
	confidence := map[string]int{"low": 1, "medium": 2, "high": 3}[p.confidence]
	title := "Card data at rest: " + p.class
	return ocsfEvent{
		ActivityID: 1, ActivityName: "Create", CategoryUID: 2, CategoryName: "Findings", ClassUID: 2006, ClassName: "Data Security Finding",
		TypeUID: 200601, TypeName: "Data Security Finding: Create", Time: now, SeverityID: severity, Severity: word,
		StatusID: 1, Status: "New", ConfidenceID: confidence, Confidence: capital(p.confidence), Count: p.count,
		Message:      title + " in " + printable(p.path),
		Metadata:     ocsfMetadata{ocsfVersion, ocsfProduct{"Stanch", "Stanch", version()}},
		FindingInfo:  ocsfInfo{t.names.ofPlace(p.path, p.class), title, []string{p.class}, now},
		DataSecurity: ocsfData{category, named, 1, "Data at-Rest", p.class},
		File:         ocsfFile{path.Base(p.path), p.path, 1, "Regular File"},
		Unmapped:     ocsfUnmapped{sortedKeys(p.also), len(p.cards)},
	}
}

func ocsfCategory(class string) (int, string) {
	switch class {
	case "resident_id", "phone":
		return ocsfPersonal, "Personal"
	case "secret":
		return ocsfSecurity, "Security"
	}
	return ocsfFinancial, "Financial"
}

func capital(word string) string {
	if word == "" {
		return "Unknown"
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
