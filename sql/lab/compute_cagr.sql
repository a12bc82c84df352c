create or replace function lab.compute_cagr(
    p_start_micros bigint,
    p_end_micros   bigint,
    p_from_on      date,
    p_to_on        date
)
returns numeric
language sql
immutable
parallel safe
return case
    when p_start_micros > 0 and p_end_micros > 0 and p_to_on > p_from_on
    then power(p_end_micros::numeric / p_start_micros, 365.25 / (p_to_on - p_from_on)) - 1
end;

comment on function lab.compute_cagr(bigint, bigint, date, date) is
$$Compound growth a year between two days; null when no time passed or nothing was left.$$;
