-- +goose Up
-- Counting on the overview must not read the bodies of the findings.
CREATE INDEX findings_state ON findings (tenant_id, state, case_id);
CREATE INDEX findings_case_seen ON findings (tenant_id, case_id, last_seen DESC, id);
CREATE INDEX cases_state ON cases (tenant_id, state);
CREATE INDEX cases_root ON cases (tenant_id, live, root, number);
CREATE INDEX cases_place ON cases (tenant_id, live, place, number);
CREATE INDEX cases_seen ON cases (tenant_id, live, seen);

-- +goose Down
SELECT 1;
