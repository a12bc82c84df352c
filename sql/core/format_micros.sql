create or replace function core.format_micros(
    p_micros bigint
)
returns text
language sql
immutable
strict
parallel safe
return case when p_micros < 0 then '-' else '' end
    || trunc(abs(p_micros::numeric) / 1000000)::text || '.'
    || lpad((abs(p_micros::numeric) % 1000000)::bigint::text, 6, '0');

comment on function core.format_micros(bigint) is
$$Micros as decimal text with six places, exactly.$$;
