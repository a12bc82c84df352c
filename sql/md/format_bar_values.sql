create or replace function md.format_bar_values(
    p_open_micros  bigint,
    p_high_micros  bigint,
    p_low_micros   bigint,
    p_close_micros bigint,
    p_volume       bigint
)
returns text
language sql
immutable
parallel safe
return 'open ' || core.format_micros(p_open_micros) || ' '
       || md.format_prices(p_high_micros, p_low_micros, p_close_micros) || ' volume ' || p_volume;

comment on function md.format_bar_values(bigint, bigint, bigint, bigint, bigint) is
$$The values of a bar for people.$$;
