-- Deploy mqk:lab/code to pg
-- built from sql/lab by `make code`: edit there

begin;

set local role mqk_owner;

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

create or replace function lab.compute_annual_return(
    p_returns numeric[],
    p_periods numeric
)
returns numeric
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wealth numeric := 1;
    v_return numeric;
begin
    foreach v_return in array p_returns loop
        v_wealth := round(v_wealth * (1 + coalesce(v_return, 0)), 30);
    end loop;
    return case when v_wealth > 0 and cardinality(p_returns) > 0
                then power(v_wealth, p_periods / cardinality(p_returns)) - 1 end;
end;
$function$;

comment on function lab.compute_annual_return(numeric[], numeric) is
$$Compound return a year of a series with p_periods returns a year; a null return is skipped but its
period counts. Null when nothing is left or there is no series, or an empty one.$$;

create or replace function lab.compute_annual_volatility(
    p_returns numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select stddev_samp(r.value) * sqrt(252::numeric) from unnest(p_returns) as r (value);
$function$;

comment on function lab.compute_annual_volatility(numeric[]) is
$$Sample standard deviation of daily returns times the root of 252; null for fewer than two.$$;

create or replace function lab.compute_sharpe(
    p_returns numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select avg(r.value) / nullif(stddev_samp(r.value), 0) * sqrt(252::numeric)
      from unnest(p_returns) as r (value);
$function$;

comment on function lab.compute_sharpe(numeric[]) is
$$Mean of daily returns over their sample standard deviation, times the root of 252; no risk-free rate.
Null when there is no variation: undefined is not infinite.$$;

create or replace function lab.compute_downside_risk(
    p_returns numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select sqrt(avg(power(least(r.value, 0), 2))) * sqrt(252::numeric)
      from unnest(p_returns) as r (value)
     where r.value is not null;
$function$;

comment on function lab.compute_downside_risk(numeric[]) is
$$Root mean square of the losses among daily returns (gains count as 0), times the root of 252.$$;

create or replace function lab.compute_sortino(
    p_returns numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select avg(r.value) * 252 / nullif(lab.compute_downside_risk(p_returns), 0)
      from unnest(p_returns) as r (value);
$function$;

comment on function lab.compute_sortino(numeric[]) is
$$Mean of daily returns times 252 over the downside risk; null when there was no loss.$$;

create or replace function lab.compute_max_drawdown(
    p_returns numeric[]
)
returns numeric
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wealth numeric := 1;
    v_peak   numeric := 1;
    v_worst  numeric := 0;
    v_return numeric;
begin
    foreach v_return in array p_returns loop
        v_wealth := round(v_wealth * (1 + coalesce(v_return, 0)), 30);
        v_peak := greatest(v_peak, v_wealth);
        v_worst := least(v_worst, v_wealth / v_peak - 1);
    end loop;
    return v_worst;
end;
$function$;

comment on function lab.compute_max_drawdown(numeric[]) is
$$Deepest fall from a peak of the compounded series that starts at 1; zero or negative,
null without a series.$$;

create or replace function lab.compute_max_drawdown_micros(
    p_equity bigint[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select min(e.value::numeric / e.peak - 1)
      from (select e.value, max(e.value) over (order by e.position) as peak
              from unnest(p_equity) with ordinality as e (value, position)) as e
     where e.peak > 0;
$function$;

comment on function lab.compute_max_drawdown_micros(bigint[]) is
$$Deepest fall from a peak of an equity curve; zero or negative, null for an empty curve.$$;

create or replace function lab.compute_calmar(
    p_returns numeric[],
    p_periods numeric
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select lab.compute_annual_return(p_returns, p_periods)
           / nullif(abs(lab.compute_max_drawdown(p_returns)), 0);
$function$;

comment on function lab.compute_calmar(numeric[], numeric) is
$$Annual return over the deepest drawdown; null when there was none, or no series.$$;

create or replace function lab.compute_profit_factor(
    p_profits numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select sum(p.value) filter (where p.value > 0) / nullif(-sum(p.value) filter (where p.value < 0), 0)
      from unnest(p_profits) as p (value);
$function$;

comment on function lab.compute_profit_factor(numeric[]) is
$$Gross profit over gross loss of trades; null when there is no loss or no profit.$$;

create or replace function lab.compute_value_at_risk(
    p_returns numeric[],
    p_cutoff  numeric
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with sorted as (
        select array_agg(r.value order by r.value) as v, count(*) as n
          from unnest(p_returns) as r (value) where r.value is not null
    ), place as (
        select s.v, s.n, (s.n - 1) * p_cutoff as rank from sorted as s where s.n > 0
    )
    select p.v[floor(p.rank)::integer + 1]
           + (p.v[least(floor(p.rank)::integer + 2, p.n::integer)] - p.v[floor(p.rank)::integer + 1])
             * (p.rank - floor(p.rank))
      from place as p;
$function$;

comment on function lab.compute_value_at_risk(numeric[], numeric) is
$$The return that a share p_cutoff (0..1) of all returns does not reach, linearly interpolated.$$;

create or replace function lab.compute_recovery_days(
    p_equity bigint[]
)
returns integer
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with marked as (
        select e.position, e.value, max(e.value) over (order by e.position) as peak
          from unnest(p_equity) with ordinality as e (value, position)
    ), spells as (
        select m.position, max(m.position) filter (where m.value = m.peak) over (
                   order by m.position rows between unbounded preceding and 1 preceding) as peak_at,
               m.value = m.peak as is_peak
          from marked as m
    )
    select coalesce(max(s.position - s.peak_at), 0)::integer
      from spells as s
     where s.is_peak
       and s.position - s.peak_at > 1;
$function$;

comment on function lab.compute_recovery_days(bigint[]) is
$$Longest way back: points from a peak to the next value at least as high, one value a day; a
drawdown that was never made good does not count.$$;

commit;
