create or replace function core.parse_time(
    p_text text
)
returns timestamptz
language sql
stable
parallel safe
return case
    when p_text ~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d(:?\d\d)?)$'
    then p_text::timestamptz
end;

comment on function core.parse_time(text) is
$$ISO 8601 text with an offset to an instant; null when it has no offset or another shape.
Why: a time without an offset would be read in the session's zone.$$;
