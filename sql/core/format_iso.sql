create or replace function core.format_iso(
    p_at timestamptz
)
returns text
language sql
immutable
strict
parallel safe
return replace((p_at at time zone 'UTC')::text, ' ', 'T') || 'Z';

comment on function core.format_iso(timestamptz) is
$$An instant as ISO 8601 text in UTC, fractions only where there are any.
Why: reports and digests must not depend on the session's time zone.$$;
