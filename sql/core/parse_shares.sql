create or replace function core.parse_shares(
    p_text text
)
returns bigint
language sql
immutable
parallel safe
return case
    when p_text ~ '^-?[0-9]{1,15}(\.[0-9]{1,18})?$' and p_text::numeric % 1 = 0
    then p_text::numeric::bigint
end;

comment on function core.parse_shares(text) is
$$Decimal text to whole shares; null when malformed or fractional.
Why: a fraction of a share is a finding, never rounded.$$;
