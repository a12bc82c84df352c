create or replace function core.parse_micros(
    p_text text
)
returns bigint
language sql
immutable
parallel safe
return case
    when p_text ~ '^-?[0-9]{1,13}(\.[0-9]{1,18})?$' and (p_text::numeric * 1000000) % 1 = 0
    then (p_text::numeric * 1000000)::bigint
end;

comment on function core.parse_micros(text) is
$$Decimal text to micros (1e-6), exactly; null when it is not plain decimal or would be rounded.
Why: money is exact or refused, never rounded in silence.$$;
