create or replace function md.format_prices(
    p_high_micros  bigint,
    p_low_micros   bigint,
    p_close_micros bigint
)
returns text
language sql
immutable
parallel safe
return 'high ' || core.format_micros(p_high_micros) || ' low ' || core.format_micros(p_low_micros)
       || ' close ' || core.format_micros(p_close_micros);

comment on function md.format_prices(bigint, bigint, bigint) is
$$The prices of a bar that two feeds are compared by.$$;
