create or replace function recon.parse_money(
    p_text text
)
returns bigint
language sql
immutable
parallel safe
return core.parse_micros(case when p_text !~ '^-?[0-9]{13}' then p_text end);

comment on function recon.parse_money(text) is
$$As core.parse_micros, but null for what is too large, too.
Why: an absurd amount in a snapshot is a difference to be told, not an error that hides the others.$$;
