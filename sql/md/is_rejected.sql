create or replace function md.is_rejected(
    p_verdict text
)
returns boolean
language sql
immutable
parallel safe
return p_verdict <> all (array['NEW', 'KNOWN', 'INCOMPLETE', 'OUT_OF_SESSION', 'DUPLICATE']);

comment on function md.is_rejected(text) is
$$Whether a row was refused. NEW is stored, KNOWN was; INCOMPLETE (still forming), OUT_OF_SESSION (before
the open, after the close) and DUPLICATE (the same row twice in a batch) are passed over.$$;
