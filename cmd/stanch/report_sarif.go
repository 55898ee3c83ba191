package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/scan"
)

// reportSARIF writes SARIF 2.1.0 for code hosts and their tools. It holds no
// matched text, not even masked. Results are written as they come.
type reportSARIF struct {
	w     *bufio.Writer
	names pseudonyms
	some  bool
}

func newReportSARIF(w io.Writer, names pseudonyms) report {
	return &reportSARIF{w: bufio.NewWriterSize(w, 64<<10), names: names}
}

type (
	sarifText struct {
		Text string `json:"text"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints,omitempty"`
		Properties   map[string]any    `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine  int64 `json:"startLine,omitempty"`
		ByteOffset int64 `json:"byteOffset"`
		ByteLength int64 `json:"byteLength"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifNotice struct {
		Level      string          `json:"level"`
		Message    sarifText       `json:"message"`
		Descriptor map[string]any  `json:"descriptor"`
		Locations  []sarifLocation `json:"locations"`
	}
	sarifRun struct {
		Successful bool          `json:"executionSuccessful"`
		Notices    []sarifNotice `json:"toolExecutionNotifications,omitempty"`
	}
)

func (t *reportSARIF) begin() error {
	var rules []sarifRule
	for _, class := range scan.Classes() {
		rules = append(rules, sarifRule{string(class), sarifText{"card data of class " + string(class)}})
	}
	driver, err := json.Marshal(map[string]any{"name": "stanch", "version": version(), "rules": rules})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.w, `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0",`+
		`"runs":[{"tool":{"driver":%s},"columnKind":"unicodeCodePoints","results":[`, driver)
	return err
}

func (t *reportSARIF) match(m *finding.Match) error {
	r := sarifResult{
		RuleID: m.Class, Level: map[string]string{"high": "error", "medium": "warning"}[m.Confidence],
		Message:    sarifText{fmt.Sprintf("%s found, confidence %s", strings.Join(append([]string{m.Class}, m.Also...), " with "), m.Confidence)},
		Locations:  []sarifLocation{sarifPlace(m.Path)},
		Properties: map[string]any{"confidence": m.Confidence, "brand": m.Brand, "encoding": m.Encoding, "test": m.Test, "offset": m.Offset},
	}
	if r.Level == "" {
		r.Level = "note"
	}
	if m.Encoding == "" && !strings.Contains(m.Path, "!") {
		r.Locations[0].Physical.Region = &sarifRegion{StartLine: m.Line, ByteOffset: m.Offset, ByteLength: m.Length}
	}
	if p := t.names.of(m.Token); p != "" {
		r.Fingerprints = map[string]string{"pseudonym/v1": p}
	}
	line, err := plainJSON(r)
	if err != nil {
		return err
	}
	if t.some {
		t.w.WriteByte(',')
	}
	t.some = true
	t.w.WriteByte('\n')
	_, err = t.w.Write(line)
	return err
}

// sarifPlace is a path as a file that tools can open, and a member within it.
func sarifPlace(path string) sarifLocation {
	file, member, inside := strings.Cut(path, "!")
	u := url.URL{Path: filepath.ToSlash(file)}
	if filepath.IsAbs(file) {
		u.Scheme = "file"
	}
	place := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{URI: u.String()}}}
	if inside {
		place.Logical = []sarifLogical{{Name: file + "!" + member, Kind: "member"}}
	}
	return place
}

func (t *reportSARIF) end(s *scanSummary) error {
	run := sarifRun{Successful: true}
	for _, u := range s.Report.Unexamined {
		run.Notices = append(run.Notices, sarifNotice{Level: "warning", Message: sarifText{"not examined: " + advice(u.Cause)},
			Descriptor: map[string]any{"id": string(u.Cause)}, Locations: []sarifLocation{sarifPlace(u.Path)}})
	}
	line, err := plainJSON([]sarifRun{run})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.w, "\n],\"invocations\":%s}]}\n", line)
	return t.w.Flush()
}
