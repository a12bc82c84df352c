-- Deploy mqk:lab/code to pg
-- built from sql/lab by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

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

create or replace function lab.compute_worst_span(
    p_equity   bigint[],
    p_sessions integer
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select min(e.value::numeric / nullif(e.before, 0) - 1)
      from (select e.value, lag(e.value, p_sessions) over (order by e.position) as before
              from unnest(p_equity) with ordinality as e (value, position)) as e;
$function$;

comment on function lab.compute_worst_span(bigint[], integer) is
$$The lowest return over p_sessions steps of an equity curve, wherever they begin; null if it is shorter.$$;

create or replace function lab.find_deepest_fall(
    p_equity        bigint[],
    out peak_at     integer,
    out bottom_at   integer,
    out recovered_at integer
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with marked as (
        select e.position::integer as position, e.value, max(e.value) over (order by e.position) as peak
          from unnest(p_equity) with ordinality as e (value, position)
    ), bottom as (
        select m.position, m.peak
          from marked as m
         where m.value < m.peak and m.peak > 0
         order by m.value::numeric / m.peak, m.position
         limit 1
    )
    select (select max(m.position) from marked as m
             where m.position < b.position and m.value = b.peak),
           b.position,
           (select min(m.position) from marked as m
             where m.position > b.position and m.value >= b.peak)
      from bottom as b;
$function$;

comment on function lab.find_deepest_fall(bigint[]) is
$$Where the deepest fall of an equity curve began, where it was deepest (the first of equals) and where the
peak was reached again, as places in the array from 1; no fall: all null; recovered_at null: never.$$;

create or replace function lab.list_periods(
    p_initial_micros bigint,
    p_days           date[],
    p_equity         bigint[],
    p_format         text
)
returns table (
    period       text,
    return_ratio numeric
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with ends as (
        select to_char(u.day::timestamp, p_format) as period,
               (array_agg(u.equity order by u.day desc))[1] as closing
          from unnest(p_days, p_equity) as u (day, equity)
         group by 1
    )
    select e.period, e.closing::numeric / nullif(coalesce(
               lag(e.closing) over (order by e.period collate "C"), p_initial_micros), 0) - 1
      from ends as e
     order by e.period collate "C";
$function$;

comment on function lab.list_periods(bigint, date[], bigint[], text) is
$$The return of each month (p_format YYYY-MM) or year (YYYY) of an equity curve by day, from the end of the
period before it; the first from the opening cash. Null where nothing was left to begin with.$$;

create or replace function lab.list_return_buckets(
    p_equity bigint[]
)
returns table (
    from_bps integer,
    to_bps   integer,
    sessions bigint
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with returns as (
        select greatest(-1000000, least(1000000, floor(
                   (e.value::numeric / e.before - 1) * 10000)))::integer as bps
          from (select e.value, lag(e.value) over (order by e.position) as before
                  from unnest(p_equity) with ordinality as e (value, position)) as e
         where e.before > 0
    ), width as (
        select min(w.bps) as bps
          from (select min(r.bps) as low, max(r.bps) as high from returns as r) as s
          join unnest(array[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000]) as w (bps)
            on (s.high - s.low) / w.bps < 40
    ), buckets as (
        select floor(r.bps::numeric / w.bps)::integer as place, w.bps
          from returns as r cross join width as w
    )
    select p.place * w.bps, (p.place + 1) * w.bps,
           (select count(*) from buckets as b where b.place = p.place)
      from width as w
     cross join generate_series((select min(b.place) from buckets as b),
                                (select max(b.place) from buckets as b)) as p (place)
     order by 1;
$function$;

comment on function lab.list_return_buckets(bigint[]) is
$$How many steps of an equity curve returned how much, in some 40 buckets of a round width: from_bps and
more, less than to_bps; what is beyond a hundredfold counts as that.$$;

create or replace function lab.list_rolling_sharpe(
    p_equity   bigint[],
    p_sessions integer
)
returns table (
    position_no integer,
    sharpe      numeric
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with given as (
        select (select array_agg(round(p_equity[i + 1]::numeric / nullif(p_equity[i], 0) - 1, 12)
                                 order by i)
                  from generate_series(1, cardinality(p_equity) - 1) as i) as returns
    )
    select n, round(lab.compute_sharpe(g.returns[n - p_sessions + 1 : n]), 4)
      from given as g
     cross join generate_series(p_sessions, cardinality(g.returns)) as n
     order by n;
$function$;

comment on function lab.list_rolling_sharpe(bigint[], integer) is
$$The Sharpe ratio of the last p_sessions returns of an equity curve, from the first place with as many.$$;

create or replace function lab.describe_curve(
    p_initial_micros bigint,
    p_days           date[],
    p_equity         bigint[],
    p_gross          bigint[]
)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with given as (
        select array[p_initial_micros] || p_equity as equity, coalesce(cardinality(p_equity), 0) as n
    ), curve as (
        select g.equity, g.n, g.equity[g.n + 1] as final, (
                   select array_agg(g.equity[i + 1]::numeric / nullif(g.equity[i], 0) - 1 order by i)
                     from generate_series(1, g.n) as i) as returns
          from given as g
    ), months as (
        select count(*) as months, count(*) filter (where m.return_ratio > 0) as gains
          from lab.list_periods(p_initial_micros, p_days, p_equity, 'YYYY-MM') as m
    )
    select jsonb_build_object(
        'first_session_on', p_days[1], 'last_session_on', p_days[c.n], 'sessions', c.n,
        'initial_micros', p_initial_micros, 'final_equity_micros', c.final,
        'total_return', round(c.final::numeric / p_initial_micros - 1, 6),
        'cagr', round(lab.compute_cagr(p_initial_micros, c.final, p_days[1], p_days[c.n]), 6),
        'annual_volatility', round(lab.compute_annual_volatility(c.returns), 6),
        'sharpe', round(lab.compute_sharpe(c.returns), 6),
        'sortino', round(lab.compute_sortino(c.returns), 6),
        'max_drawdown', round(lab.compute_max_drawdown_micros(c.equity), 6),
        'max_drawdown_from_on', p_days[f.peak_at - 1], 'max_drawdown_to_on', p_days[f.bottom_at - 1],
        'max_drawdown_recovered_on', p_days[f.recovered_at - 1],
        'recovery_sessions', lab.compute_recovery_days(c.equity),
        'calmar', round(lab.compute_calmar(c.returns, 252), 6),
        'value_at_risk', round(lab.compute_value_at_risk(c.returns, 0.05), 6),
        'best_session', (select round(max(r.value), 6) from unnest(c.returns) as r (value)),
        'worst_session', (select round(min(r.value), 6) from unnest(c.returns) as r (value)),
        'worst_five_sessions', round(lab.compute_worst_span(c.equity, 5), 6),
        'months', m.months,
        'profitable_months', case when m.months > 1 then round(m.gains::numeric / m.months, 6) end,
        'exposure', (select round(avg(u.gross::numeric / nullif(u.equity, 0)), 6)
                       from unnest(p_gross, p_equity) as u (gross, equity)))
      from curve as c
     cross join months as m
     cross join lab.find_deepest_fall(c.equity) as f;
$function$;

comment on function lab.describe_curve(bigint, date[], bigint[], bigint[]) is
$$The figures of an equity curve by session, after fees: p_days, p_equity and p_gross (what was held, longs
and shorts added) are one value a session, in micros. Ratios have six decimals; null where a figure is
undefined, never infinite.
Why: runs and backtests are measured by one rule (docs/metrics.md has it in words).$$;

create or replace function lab.describe_trades(
    p_profits bigint[],
    p_held    bigint[],
    p_fees    bigint
)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with trades as (
        select u.nth, u.profit, u.held, sign(u.profit) as way,
               u.nth - row_number() over (partition by sign(u.profit) order by u.nth) as streak
          from unnest(p_profits, p_held) with ordinality as u (profit, held, nth)
    ), streaks as (
        select t.way, count(*) as n from trades as t group by t.way, t.streak
    ), summed as (
        select count(*) as n, count(*) filter (where t.way > 0) as wins,
               count(*) filter (where t.way < 0) as losses, avg(t.held) as held,
               sum(t.profit) filter (where t.way > 0) as gained,
               -sum(t.profit) filter (where t.way < 0) as lost, max(t.profit) as best,
               min(t.profit) as worst
          from trades as t
    )
    select jsonb_build_object(
        'trades', s.n, 'winning_trades', s.wins, 'losing_trades', s.losses,
        'win_rate', round(s.wins::numeric / nullif(s.n, 0), 6),
        'profit_factor', round(lab.compute_profit_factor(p_profits::numeric[]), 6),
        'profit_factor_after_fees', round(
            s.gained / nullif(coalesce(s.lost, 0) + p_fees, 0), 6),
        'average_win_micros', round(s.gained / nullif(s.wins, 0)),
        'average_loss_micros', -round(s.lost / nullif(s.losses, 0)),
        'best_trade_micros', s.best, 'worst_trade_micros', s.worst,
        'average_sessions_held', round(s.held, 6),
        'longest_winning_streak', coalesce((select max(k.n) from streaks as k where k.way > 0), 0),
        'longest_losing_streak', coalesce((select max(k.n) from streaks as k where k.way < 0), 0))
      from summed as s;
$function$;

comment on function lab.describe_trades(bigint[], bigint[], bigint) is
$$The figures of closed lots in closing order: profits before fees and sessions held, one value a lot;
p_fees: all fees paid, in micros. After fees the profit factor counts all fees as loss. A lot without
profit or loss is neither won nor lost and ends a streak. Null where there is none, never infinite.$$;

create or replace function lab.explain_undefined(
    p_figures jsonb
)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_object_agg(w.figure, case
               when w.is_of_trades and p_figures -> 'trades' = '0' then 'no lot was closed'
               when not w.is_of_trades and p_figures -> 'sessions' = '0' then 'no session was played'
               else w.why end), '{}')
      from (values
        ('cagr', false, 'no time passed, or nothing was left'),
        ('annual_volatility', false, 'fewer than two sessions'),
        ('sharpe', false, 'fewer than two sessions, or returns that do not vary'),
        ('sortino', false, 'no session lost'),
        ('calmar', false, 'no fall, or nothing was left'),
        ('max_drawdown_from_on', false, 'no fall from a later peak than the opening cash'),
        ('max_drawdown_to_on', false, 'no fall'),
        ('max_drawdown_recovered_on', false, 'the peak was not reached again, or there was no fall'),
        ('turnover_a_session', false, 'no equity'),
        ('worst_five_sessions', false, 'fewer than five sessions'),
        ('profitable_months', false, 'fewer than two months'),
        ('best_session', false, 'no session was played'),
        ('worst_session', false, 'no session was played'),
        ('value_at_risk', false, 'no session was played'),
        ('total_return', false, 'no session was played'),
        ('exposure', false, 'no session was played'),
        ('average_sessions_held', true, 'no lot was closed'),
        ('best_trade_micros', true, 'no lot was closed'),
        ('worst_trade_micros', true, 'no lot was closed'),
        ('win_rate', true, 'no lot was closed'),
        ('profit_factor', true, 'no loss or no profit'),
        ('profit_factor_after_fees', true, 'no profit, or neither loss nor fee'),
        ('average_win_micros', true, 'no lot won'),
        ('average_loss_micros', true, 'no lot lost')) as w (figure, is_of_trades, why)
     where p_figures -> w.figure = 'null';
$function$;

comment on function lab.explain_undefined(jsonb) is
$$Of the figures of a curve and its trades those that are null, each with a word why.$$;

create or replace function lab.list_packs(
    p_set    lab.datasets,
    p_now_at timestamptz
)
returns setof lab.packs
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $function$
    with ticks as (
        select (row_number() over (order by l.ends_at))::integer as tick_no, l.ends_at,
               dense_rank() over (order by l.session_on)::integer as session_no,
               l.ends_at = s.closes_at as ends_session
          from ref.list_slots(p_set.exchange_id, p_set.timeframe, p_set.from_on, p_set.to_on) as l
          join ref.sessions as s on s.exchange_id = p_set.exchange_id and s.session_on = l.session_on
         where l.ends_at <= p_now_at
    ), grid as (
        select (t.tick_no - 1) / 512 as pack_no, min(t.tick_no) as first_tick,
               array_agg(t.ends_at order by t.tick_no) as ends_at,
               array_agg(t.session_no order by t.tick_no) as sessions,
               array_agg(t.ends_session order by t.tick_no) as ends_session
          from ticks as t
         group by 1
    )
    select p_set.dataset_id, g.pack_no, g.first_tick, g.ends_at, g.sessions, g.ends_session,
           case when array_position(v.volumes, null) is null
                then array_fill(true, array[cardinality(g.ends_at)])
                else array(
                    select count(*) = count(u.volume)
                      from unnest(v.volumes) with ordinality as u (volume, nth)
                     group by (u.nth - 1) % cardinality(g.ends_at)
                     order by (u.nth - 1) % cardinality(g.ends_at)) end,
           v.opens, v.highs, v.lows, v.closes, v.volumes
      from grid as g
     cross join lateral (
        select array_agg(c.open_micros) as opens, array_agg(c.high_micros) as highs,
               array_agg(c.low_micros) as lows, array_agg(c.close_micros) as closes,
               array_agg(c.volume) as volumes
          from (select b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume
                  from unnest(p_set.symbols) with ordinality as s (symbol, nth)
                 cross join lateral (
                    select e.at, b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume
                      from unnest(g.ends_at) as e (at)
                      left join (
                        select b.bar_end_at, b.open_micros, b.high_micros, b.low_micros, b.close_micros,
                               b.volume
                          from md.bars as b
                         where b.symbol = s.symbol and b.timeframe = p_set.timeframe
                           and b.bar_end_at between g.ends_at[1] and g.ends_at[cardinality(g.ends_at)]
                        offset 0) as b  -- read as one range, not slot by slot
                        on b.bar_end_at = e.at) as b
                 order by s.nth, b.at) as c) as v;
$function$;

comment on function lab.list_packs(lab.datasets, timestamptz) is
$$The bars of a dataset's cut, packed: every slot that had ended at p_now_at is a tick, whether it has bars
or not.
Why: a pack's bars are read as one range of the index and laid beside its slots, a third of the time of
looking each slot up.$$;

create or replace function lab.hash_pack(
    p_pack lab.packs
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select encode(sha256(convert_to(concat_ws(
               e'\n', p_pack.first_tick,
               (select string_agg((extract(epoch from e.at) * 1000000)::bigint::text, ',' order by e.nth)
                  from unnest(p_pack.ends_at) with ordinality as e (at, nth)),
               array_to_string(p_pack.opens, ',', '-'), array_to_string(p_pack.highs, ',', '-'),
               array_to_string(p_pack.lows, ',', '-'), array_to_string(p_pack.closes, ',', '-'),
               array_to_string(p_pack.volumes, ',', '-')), 'UTF8')), 'hex');
$function$;

comment on function lab.hash_pack(lab.packs) is
$$SHA-256 of a pack's instants (microseconds since 1970) and values; the same on every machine.$$;

create or replace function lab.list_dataset_ticks(
    p_dataset_id uuid
)
returns table (
    tick_no      integer,
    ends_at      timestamptz,
    session_no   integer,
    ends_session boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select k.first_tick + (u.nth - 1)::integer, u.ends_at, u.session_no, u.ends_session
      from lab.packs as k
     cross join lateral unnest(k.ends_at, k.sessions, k.ends_session)
           with ordinality as u (ends_at, session_no, ends_session, nth)
     where k.dataset_id = p_dataset_id;
$function$;

comment on function lab.list_dataset_ticks(uuid) is
$$The ticks of a dataset: when each ends, in which session (from 1), and whether it ends it.$$;

create or replace function lab.list_dataset_actions(
    p_set      lab.datasets,
    p_as_of_at timestamptz
)
returns setof md.corporate_actions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from (select min(e.opens_at) as opens_at, max(e.closes_at) as closes_at
              from ref.sessions as e
             where e.exchange_id = (p_set).exchange_id
               and e.session_on between (p_set).from_on and (p_set).to_on) as x
     cross join unnest((p_set).symbols) as s (symbol)
     cross join lateral md.list_actions_as_of(s.symbol, p_as_of_at) as a
     where a.effective_at > x.opens_at
       and a.effective_at < least(x.closes_at, p_as_of_at)
     order by a.effective_at, a.action_kind, a.symbol collate "C";
$function$;

comment on function lab.list_dataset_actions(lab.datasets, timestamptz) is
$$The corporate actions that took effect between the first bar of a dataset and its last, as they stood at
p_as_of_at.$$;

create or replace function lab.format_actions(
    p_set      lab.datasets,
    p_as_of_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_agg(jsonb_build_object(
               'line_no', a.nth, 'symbol', a.symbol, 'action_kind', a.action_kind,
               'ex_on', a.ex_on::text,
               'ratio', case when a.action_kind = 'SPLIT' then a.ratio_num || ':' || a.ratio_den end,
               'amount', case when a.action_kind <> 'SPLIT' then core.format_micros(a.amount_micros) end,
               'record_on', a.record_on::text, 'pay_on', a.pay_on::text,
               'announced_at', core.format_iso(a.announced_at), 'cancels', null) order by a.nth), '[]')
      from (select a.*, row_number() over (
                       order by a.announced_at, a.ex_on, a.symbol collate "C", a.action_kind) as nth
              from lab.list_dataset_actions(p_set, p_as_of_at) as a) as a;
$function$;

comment on function lab.format_actions(lab.datasets, timestamptz) is
$$The corporate actions of a dataset (lab.list_dataset_actions), in the order in which they were
announced, as rows for md.load_actions.$$;

create or replace function lab.store_splits(
    p_set lab.datasets
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into lab.splits (dataset_id, symbol_no, tick_no, effective_at, ratio_num, ratio_den)
    select (p_set).dataset_id, array_position((p_set).symbols, a.symbol), k.first_tick + u.nth - 1,
           a.effective_at, a.ratio_num, a.ratio_den
      from lab.list_dataset_actions(p_set, (p_set).frozen_at) as a
     cross join lateral (
        select k.first_tick, k.ends_at from lab.packs as k
         where k.dataset_id = (p_set).dataset_id
           and k.ends_at[cardinality(k.ends_at)] > a.effective_at
         order by k.pack_no limit 1) as k
     cross join lateral (
        select min(u.nth)::integer as nth from unnest(k.ends_at) with ordinality as u (at, nth)
         where u.at > a.effective_at) as u
     where a.action_kind = 'SPLIT';
$function$;

comment on function lab.store_splits(lab.datasets) is
$$Freezes the splits of a dataset with its bars: each belongs to the first tick that ends after it.$$;

create or replace function lab.store_dataset(
    p_set    lab.datasets,
    p_now_at timestamptz
)
returns lab.datasets
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_set lab.datasets;
begin
    select d.* into v_set from lab.datasets as d where d.dataset_id = p_set.dataset_id;
    if found then
        return v_set;
    end if;
    insert into lab.packs
    select k.* from lab.list_packs(p_set, p_now_at) as k;
    insert into lab.datasets (
        dataset_id, exchange_id, timeframe, symbols, from_on, to_on, ticks, bars, data_sha256, frozen_by,
        frozen_at)
    select p_set.dataset_id, p_set.exchange_id, p_set.timeframe, p_set.symbols, p_set.from_on, p_set.to_on,
           sum(cardinality(k.ends_at)), sum(cardinality(array_remove(k.volumes, null))),
           p_set.data_sha256, p_set.frozen_by, p_set.frozen_at
      from lab.packs as k
     where k.dataset_id = p_set.dataset_id
    returning * into v_set;
    perform lab.store_splits(v_set);
    perform audit.append_desk_event(
        'LAB', 'DATASET_FROZEN', to_jsonb(v_set) - array['frozen_at', 'frozen_by'], p_now_at);
    return v_set;
end;
$function$;

comment on function lab.store_dataset(lab.datasets, timestamptz) is
$$Writes a frozen cut of the store, unless it is there.$$;

create or replace function lab.freeze_dataset(
    p_timeframe text,
    p_symbols   jsonb,
    p_from_on   date,
    p_to_on     date,
    p_now_at    timestamptz
)
returns lab.datasets
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_set lab.datasets;
    v_bad text;
begin
    perform core.assert_that(
        num_nulls(p_timeframe, p_symbols, p_from_on, p_to_on, p_now_at) = 0, 'MQA01',
        'timeframe, symbols, from_on, to_on, now_at');
    perform core.assert_that(jsonb_typeof(p_symbols) = 'array', 'MQA05', jsonb_typeof(p_symbols));
    v_set.symbols := array(select distinct s.value collate "C"
                             from jsonb_array_elements_text(p_symbols) as s order by 1);
    select string_agg(s.symbol, ', ' order by s.symbol collate "C") into v_bad
      from unnest(v_set.symbols) as s (symbol)
     where not exists (select from ref.instruments as i where i.symbol = s.symbol);
    perform core.assert_that(v_bad is null, 'MQN03', v_bad);
    select min(i.exchange_id),
           case when count(distinct i.exchange_id) > 1 then string_agg(i.exchange_id, ', ') end
      into v_set.exchange_id, v_bad
      from ref.instruments as i
     where i.symbol = any (v_set.symbols);
    perform core.assert_that(v_bad is null, 'MQA02', format('symbols of one exchange, not %s', v_bad));
    v_set.timeframe := p_timeframe;
    v_set.from_on := p_from_on;
    v_set.to_on := p_to_on;
    v_set.data_sha256 := coalesce((
        select core.hash_text(string_agg(lab.hash_pack(k), ',' order by k.pack_no)
                              || coalesce(nullif(lab.format_actions(v_set, p_now_at), '[]')::text, ''))
          from lab.list_packs(v_set, p_now_at) as k), '');
    perform core.assert_that(
        v_set.data_sha256 <> '', 'MQN04',
        format('no %s slot from %s to %s has ended', p_timeframe, p_from_on, p_to_on));
    v_set.dataset_id := core.derive_id('dataset', array[
        p_timeframe, array_to_string(v_set.symbols, ','), p_from_on::text, p_to_on::text,
        v_set.data_sha256]);
    v_set.frozen_by := audit.get_actor();
    v_set.frozen_at := p_now_at;
    return lab.store_dataset(v_set, p_now_at);
end;
$function$;

comment on function lab.freeze_dataset(text, jsonb, date, date, timestamptz) is
$$Freezes the stored bars of some symbols of one exchange, from one session to another (both included), as
far as their slots had ended at p_now_at, with the corporate actions that took effect between them. The
same bars and actions again give the same dataset.
Why: what a backtest saw is kept and named by its digest; later bars and corrections make another dataset.
Raises: MQA01; MQA02; MQA05; MQN03 unknown symbols; MQN04 no slot.$$;

create or replace function lab.find_strategy(
    p_room        text,
    p_strategy_id text
)
returns regprocedure
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_room
           when 'lab' then to_regprocedure(format('lab.%I(lab.backtests)', 'signal_' || p_strategy_id))
           when 'strat' then to_regprocedure(format('strat.%I(jsonb)', 'decide_' || p_strategy_id)) end;
$function$;

comment on function lab.find_strategy(text, text) is
$$The function of a strategy that is written in SQL, or null: strat.decide_<id>(context), which decides one
bar, or lab.signal_<id>(backtest), which gives its signals of a whole dataset at once.
Why: the catalog is the registry; a strategy without either lives outside the database.$$;

create or replace function lab.hash_strategy(
    p_strategy_id text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.hash_text(string_agg(pg_get_functiondef(f.room_function), e'\n' order by f.nth))
      from (values (1, lab.find_strategy('strat', p_strategy_id)::oid),
                   (2, lab.find_strategy('lab', p_strategy_id)::oid)) as f (nth, room_function)
     where f.room_function is not null;
$function$;

comment on function lab.hash_strategy(text) is
$$SHA-256 of the functions of a SQL strategy, as the catalog has them; null: there are none.$$;

create or replace function lab.get_step_window(
    p_backtest lab.backtests
)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (c.config #>> '{strategy,window_bars}')::integer
      from run.configs as c
     where c.config_hash = p_backtest.config_hash
       and lab.find_strategy('lab', p_backtest.strategy_id) is null
       and lab.find_strategy('strat', p_backtest.strategy_id) is not null;
$function$;

comment on function lab.get_step_window(lab.backtests) is
$$How many bars a SQL strategy is shown at each tick; null when it is not asked at each tick.$$;

create or replace function lab.poison_splits(
    p_dataset_id uuid,
    p_cut_tick   integer,
    p_poison     text
)
returns setof lab.splits
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with x as (
        select case when p_poison is null then p_dataset_id
                    else core.derive_id('poisoned', array[
                         p_dataset_id::text, p_cut_tick::text, p_poison]) end as id
    )
    select x.id, s.symbol_no, s.tick_no, s.effective_at,
           case when c.is_past then s.ratio_num else s.ratio_den end,
           case when c.is_past then s.ratio_den else s.ratio_num end
      from x
      join lab.splits as s on s.dataset_id = p_dataset_id
     cross join lateral (select p_poison is null or s.tick_no <= p_cut_tick as is_past) as c
     where c.is_past or p_poison in ('DOWN', 'EVEN')
     union all
    select x.id, s.nth, n.tick_no, n.ends_at - interval '1 us',
           case when s.nth % 2 = 1 then 3 else 1 end, 2
      from x
      join lab.datasets as d on d.dataset_id = p_dataset_id
     cross join lateral (
        select t.tick_no, t.ends_at from lab.list_dataset_ticks(d.dataset_id) as t
         where t.tick_no > p_cut_tick
         order by t.tick_no limit 1) as n
     cross join lateral generate_series(1, cardinality(d.symbols)) as s (nth)
     where p_poison in ('UP', 'ODD');
$function$;

comment on function lab.poison_splits(uuid, integer, text) is
$$The splits of a dataset with another future after a tick: those to come are turned round (DOWN, EVEN), or
gone, and in the next tick every symbol is split, three for two or one for two (UP, ODD); with p_poison null
as they are.$$;

create or replace function lab.list_shown_splits(
    p_backtest lab.backtests,
    p_cut_tick integer,
    p_poison   text
)
returns setof lab.splits
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from run.configs as c
     cross join lateral lab.poison_splits((p_backtest).dataset_id, p_cut_tick, p_poison) as s
     where c.config_hash = (p_backtest).config_hash and c.config #>> '{data,adjustment}' <> 'RAW';
$function$;

comment on function lab.list_shown_splits(lab.backtests, integer, text) is
$$The splits over which the windows of a backtest are restated: those of its dataset, with another future
after p_cut_tick if p_poison says so; none if its config wants bars as they traded.$$;

create or replace function lab.list_split_factors(
    p_splits  lab.splits[],
    p_tick_no integer
)
returns table (
    symbol_no  integer,
    from_tick  integer,
    until_tick integer,
    from_at    timestamptz,
    until_at   timestamptz,
    price_num  numeric,
    price_den  numeric
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive acts as materialized (
        select s.*, row_number() over (partition by s.symbol_no order by s.tick_no desc) as nth,
               lag(s.tick_no, 1, 1) over w as from_tick,
               lag(s.effective_at, 1, '-infinity') over w as from_at
          from unnest(p_splits) as s
         where s.tick_no <= p_tick_no
        window w as (partition by s.symbol_no order by s.tick_no)
    ), product as (
        select a.symbol_no, a.nth, a.from_tick, a.tick_no, a.from_at, a.effective_at,
               a.ratio_den::numeric as num, a.ratio_num::numeric as den
          from acts as a where a.nth = 1
         union all
        select a.symbol_no, a.nth, a.from_tick, a.tick_no, a.from_at, a.effective_at,
               a.ratio_den * p.num, a.ratio_num * p.den
          from product as p
          join acts as a on a.symbol_no = p.symbol_no and a.nth = p.nth + 1
    )
    select p.symbol_no, p.from_tick, p.tick_no, p.from_at, p.effective_at, p.num, p.den from product as p;
$function$;

comment on function lab.list_split_factors(lab.splits[], integer) is
$$By what a price of the ticks from_tick..until_tick - 1 is multiplied (price_num / price_den), and a volume
divided, to stand beside those of p_tick_no: the exact product of all splits between. What no split came
after has no row.
Why: a split after p_tick_no changes no window of before.$$;

create or replace function lab.restate(
    p_price_micros bigint,
    p_num          numeric,
    p_den          numeric
)
returns bigint
language sql
immutable
parallel safe
return case when p_num is null then p_price_micros
            else core.restate_price(p_price_micros, p_num, p_den) end;

comment on function lab.restate(bigint, numeric, numeric) is
$$A stored price over the splits that lab.list_split_factors found; as it is where there is none.$$;

create or replace function lab.list_bars_until(
    p_dataset_id uuid,
    p_symbol_no  integer,
    p_tick_no    integer,
    p_limit      integer
)
returns table (
    session_on   date,
    ends_at      timestamptz,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_pack  lab.packs;
    v_first integer;
    v_last  integer;
    v_found integer;
    v_left  integer := p_limit;
begin
    for v_pack in
        select k.* from lab.packs as k
         where k.dataset_id = p_dataset_id and k.first_tick <= p_tick_no
         order by k.pack_no desc
    loop
        exit when v_left <= 0;
        v_first := (p_symbol_no - 1) * cardinality(v_pack.ends_at) + 1;
        v_last := least(cardinality(v_pack.ends_at), p_tick_no - v_pack.first_tick + 1);
        return query
        select s.session_on, b.at, b.o, b.h, b.l, b.c, b.v
          from unnest(v_pack.ends_at[1 : v_last], v_pack.opens[v_first : v_first + v_last - 1],
                      v_pack.highs[v_first : v_first + v_last - 1],
                      v_pack.lows[v_first : v_first + v_last - 1],
                      v_pack.closes[v_first : v_first + v_last - 1],
                      v_pack.volumes[v_first : v_first + v_last - 1]) as b (at, o, h, l, c, v)
          join lab.datasets as d on d.dataset_id = p_dataset_id
          join ref.sessions as s
            on s.exchange_id = d.exchange_id and s.opens_at < b.at and s.closes_at >= b.at
           and s.session_on between (b.at at time zone 'UTC')::date - 2
                                and (b.at at time zone 'UTC')::date + 1  -- by the index
         where b.v is not null
         order by b.at desc
         limit v_left;
        get diagnostics v_found = row_count;
        v_left := v_left - v_found;
    end loop;
end;
$function$;

comment on function lab.list_bars_until(uuid, integer, integer, integer) is
$$The last p_limit bars that a dataset has of a symbol up to a tick, newest first.
Why: the as-of door of a backtest: none that ends later can come out of it.$$;

create or replace function lab.list_closes_until(
    p_backtest  lab.backtests,
    p_symbol_no integer,
    p_tick_no   integer,
    p_limit     integer
)
returns bigint[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(array_agg(lab.restate(b.close_micros, f.price_num, f.price_den)
                              order by b.ends_at), '{}')
      from lab.list_bars_until((p_backtest).dataset_id, p_symbol_no, p_tick_no - 1, p_limit) as b
     cross join (select array_agg(s) as splits from lab.list_shown_splits(p_backtest, null, null) as s) as g
      left join lateral lab.list_split_factors(g.splits, p_tick_no) as f
        on f.symbol_no = p_symbol_no and b.ends_at >= f.from_at and b.ends_at < f.until_at;
$function$;

comment on function lab.list_closes_until(lab.backtests, integer, integer, integer) is
$$The last p_limit closes of a symbol before a tick, oldest first, in the shares of that tick, as
data.adjustment says.$$;

create or replace function lab.list_segments(
    p_backtest  lab.backtests,
    p_symbol_no integer
)
returns table (
    before   integer,
    is_split boolean,
    closes   bigint[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with splits as materialized (
        select s.tick_no from lab.list_shown_splits(p_backtest, null, null) as s
         where s.symbol_no = p_symbol_no
    )
    select k.first_tick + g.low - 2, g.is_split, k.closes[x.base + g.low : x.base + g.high]
      from lab.packs as k
     cross join lateral (select (p_symbol_no - 1) * cardinality(k.ends_at) as base) as x
     cross join lateral (
        select c.low, bool_or(c.is_split) as is_split,
               lead(c.low, 1, cardinality(k.ends_at) + 1) over (order by c.low) - 1 as high
          from (select 1 as low, false as is_split
                 union all
                select s.tick_no - k.first_tick + 1, true from splits as s
                 where s.tick_no >= k.first_tick
                   and s.tick_no < k.first_tick + cardinality(k.ends_at)) as c
         group by c.low) as g
     where k.dataset_id = (p_backtest).dataset_id
     order by k.pack_no, g.low;
$function$;

comment on function lab.list_segments(lab.backtests, integer) is
$$The closes of a symbol of a backtest as they are stored, pack by pack and cut where it is split; before:
the tick before the first of them; is_split: a split comes before them (lab.list_closes_until has the
closes of before in the shares of then).$$;

create or replace function lab.sum_last(
    p_values bigint[],
    p_many   integer
)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(sum(u.value), 0)::bigint
      from unnest(p_values[greatest(cardinality(p_values) - p_many + 1, 1) :]) as u (value);
$function$;

comment on function lab.sum_last(bigint[], integer) is
$$The sum of the last p_many values, or of all if there are fewer.$$;

create or replace function lab.build_context(
    p_backtest lab.backtests,
    p_tick_no  integer,
    p_window   integer,
    p_held     bigint[],
    p_equity   bigint
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with factors as materialized (
        select f.*
          from (select array_agg(s) as splits from lab.list_shown_splits(p_backtest, null, null) as s) as g
         cross join lateral lab.list_split_factors(g.splits, p_tick_no) as f
    ), bars as (
        select s.symbol, b.session_on, b.ends_at,
               lab.restate(b.open_micros, f.price_num, f.price_den) as open_micros,
               lab.restate(b.high_micros, f.price_num, f.price_den) as high_micros,
               lab.restate(b.low_micros, f.price_num, f.price_den) as low_micros,
               lab.restate(b.close_micros, f.price_num, f.price_den) as close_micros,
               coalesce(round(b.volume * f.price_den / f.price_num)::bigint, b.volume) as volume
          from lab.datasets as d
         cross join unnest(d.symbols) with ordinality as s (symbol, nth)
         cross join lateral lab.list_bars_until(d.dataset_id, s.nth::integer, p_tick_no, p_window) as b
          left join factors as f
            on f.symbol_no = s.nth and b.ends_at >= f.from_at and b.ends_at < f.until_at
         where d.dataset_id = (p_backtest).dataset_id
    )
    select jsonb_build_object(
               'bar_end_at', (
                   select core.format_iso(k.ends_at[p_tick_no - k.first_tick + 1]) from lab.packs as k
                    where k.dataset_id = d.dataset_id and k.pack_no = (p_tick_no - 1) / 512),
               'equity_micros', p_equity,
               'parameters', (p_backtest).parameters,
               'positions', (
                   select jsonb_object_agg(s.symbol, p_held[s.nth])
                     from unnest(d.symbols) with ordinality as s (symbol, nth)),
               'bars', (
                   select jsonb_object_agg(s.symbol, (
                              select jsonb_agg(jsonb_build_array(
                                         b.session_on, core.format_iso(b.ends_at), b.open_micros,
                                         b.high_micros, b.low_micros, b.close_micros, b.volume)
                                         order by b.ends_at)
                                from bars as b where b.symbol = s.symbol))
                     from unnest(d.symbols) as s (symbol)))
      from lab.datasets as d
     where d.dataset_id = (p_backtest).dataset_id;
$function$;

comment on function lab.build_context(lab.backtests, integer, integer, bigint[], bigint) is
$$What a strategy is shown at a tick of a backtest: the document of strat.get_context, out of a dataset.
p_held: signed shares by symbol number. Bars are in the shares of the tick, as data.adjustment says.
Why: a bar that ends after the tick cannot be in it.$$;

create or replace function lab.decide_targets(
    p_backtest lab.backtests,
    p_tick_no  integer,
    p_window   integer,
    p_held     bigint[],
    p_equity   bigint
)
returns table (
    qtys   bigint[],
    limits bigint[],
    stops  bigint[]
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_symbols text[];
    v_targets jsonb := strat.run_sql_strategy(
        p_backtest.strategy_id, lab.build_context(p_backtest, p_tick_no, p_window, p_held, p_equity));
    v_foreign text;
begin
    select d.symbols into strict v_symbols
      from lab.datasets as d where d.dataset_id = p_backtest.dataset_id;
    select string_agg(t.key || '=' || t.value, ', ' order by t.key) into v_foreign
      from jsonb_each(v_targets) as t
     where (strat.parse_target(t.value)).target_qty is null or t.key <> all (v_symbols);
    perform core.assert_that(v_foreign is null, 'MQA08', v_foreign);
    return query
    select array_agg(w.target_qty order by s.nth), array_agg(w.limit_price_micros order by s.nth),
           array_agg(w.stop_price_micros order by s.nth)
      from unnest(v_symbols) with ordinality as s (symbol, nth)
     cross join lateral strat.parse_target(coalesce(v_targets -> s.symbol, '0')) as w;
end;
$function$;

comment on function lab.decide_targets(lab.backtests, integer, integer, bigint[], bigint) is
$$Asks a SQL strategy what it wants at a tick: signed shares by symbol number, and the prices of
its orders (null: the market); one left out means 0.
Raises: MQA08 a target outside the dataset not in whole shares, or with prices that do not belong to its
order type.$$;

create or replace function lab.signal_sma_trend_sql(
    p_backtest lab.backtests
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $function$
declare
    v_fast   constant integer := p_backtest.parameters ->> 'fast_bars';
    v_slow   constant integer := p_backtest.parameters ->> 'slow_bars';
    v_weight constant bigint := p_backtest.parameters ->> 'weight_bps';
    v_pack   record;
    v_close  bigint[];
    v_at     integer[];
    v_above  bigint;
    v_was_up boolean;
    v_kept   integer;
    v_n      integer;
    v_tick   integer[];
    v_amount bigint[];
begin
    for v_symbol in 1..(select cardinality(d.symbols) from lab.datasets as d
                         where d.dataset_id = p_backtest.dataset_id)
    loop
        v_close := '{}';  v_above := 0;  v_was_up := false;
        v_tick := '{}';  v_amount := '{}';  v_n := 0;
        for v_pack in select k.* from lab.list_segments(p_backtest, v_symbol) as k loop
            if v_pack.is_split then  -- what was before, in new shares
                v_close := lab.list_closes_until(
                    p_backtest, v_symbol, v_pack.before + 1, greatest(v_fast, v_slow));
                v_above := lab.sum_last(v_close, v_fast) * v_slow - lab.sum_last(v_close, v_slow) * v_fast;
            end if;
            v_at := null;
            if array_position(v_pack.closes, null) is not null then  -- only bars that are there count
                select array_agg(c.nth order by c.nth), array_agg(c.close order by c.nth)
                  into v_at, v_pack.closes
                  from unnest(v_pack.closes) with ordinality as c (close, nth) where c.close is not null;
            end if;
            v_kept := cardinality(v_close);
            v_close := v_close || v_pack.closes;
            for t in v_kept + 1..cardinality(v_close) loop
                v_above := v_above + (v_close[t] - coalesce(v_close[t - v_fast], 0)) * v_slow
                                   - (v_close[t] - coalesce(v_close[t - v_slow], 0)) * v_fast;
                if (v_above > 0) <> v_was_up and t >= v_slow then
                    v_was_up := not v_was_up;
                    v_n := v_n + 1;
                    v_tick[v_n] := v_pack.before + coalesce(v_at[t - v_kept], t - v_kept);
                    v_amount[v_n] := case when v_was_up then v_weight else 0 end;
                end if;
            end loop;
            v_close := v_close[cardinality(v_close) - greatest(v_fast, v_slow) + 1:];
        end loop;
        insert into lab.signals (backtest_id, tick_no, symbol_no, signal_kind, amount)
        select p_backtest.backtest_id, u.t, v_symbol, 'WEIGHT', u.a
          from unnest(v_tick, v_amount) as u (t, a);
    end loop;
end;
$function$;

comment on function lab.signal_sma_trend_sql(lab.backtests) is
$$The signals of strategy sma_trend_sql on a whole dataset: weight_bps from the tick on which the fast sum
rises above the slow one, 0 from the tick on which it does no more; a missing bar counts for nothing. The
rule of strat.decide_sma_trend_sql in a window of at least slow_bars.$$;

create or replace function lab.signal_by_name(
    p_backtest lab.backtests
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if lab.find_strategy('lab', p_backtest.strategy_id) is not null then
        execute format('select lab.%I($1)', 'signal_' || p_backtest.strategy_id) using p_backtest;
    end if;
end;
$function$;

comment on function lab.signal_by_name(lab.backtests) is
$$Has a SQL strategy that can, give its signals of a whole dataset: lab.signal_<id>. One that cannot is
asked tick by tick, one outside the database has given them.$$;

create or replace function lab.get_standing(
    p_exchange_id text,
    p_symbol      text,
    p_config      jsonb,
    p_now_at      timestamptz,
    out instrument_kind text,
    out is_listed       boolean,
    out session_state   text,
    out restriction     text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.instrument_kind, coalesce(l.is_listed, false),
           case when s.opens_at <= p_now_at then 'OPEN' when s.opens_at > p_now_at then 'CLOSED' end,
           coalesce(b.ban, (
               select r.restriction from risk.restrictions as r
                where r.symbol = p_symbol
                  and coalesce(r.effective_at, r.restricted_at) <= p_now_at
                order by r.restriction_seq desc limit 1), 'NONE')
      from (values (p_symbol)) as o (symbol)
      left join lateral ref.get_next_session(p_exchange_id, p_now_at) as s on true
      left join lateral ref.get_listing(o.symbol, s.session_on) as l on true
     cross join lateral (
        select case when exists (
                select from jsonb_array_elements_text(p_config #> '{data,forbid_periods}') as p
                 cross join lateral string_to_array(p.value, ' ') as w
                 where w[1] = o.symbol
                   and s.session_on between core.parse_date(w[2]) and core.parse_date(w[3]))
            or p_config #>> '{data,corporate_actions}' = 'FORBID' and exists (
                select from md.list_actions_as_of(o.symbol, p_now_at) as a
                 where a.ex_on = s.session_on) then 'FORBIDDEN' end as ban) as b;
$function$;

comment on function lab.get_standing(text, text, jsonb, timestamptz) is
$$What risk knew of a symbol at a moment of the past: what it stood for in the session in which an order
would trade, whether it was listed, whether that session was OPEN or yet CLOSED (null: the calendar has no
more), and its restriction, as it was said by then. What risk.get_quote, risk.get_restriction and
md.find_ban say of a run.$$;

create or replace function lab.is_settled(
    p_set    lab.datasets,
    p_config jsonb
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p_config #> '{data,forbid_periods}' = '[]'
           and p_config #>> '{data,corporate_actions}' <> 'FORBID'
           and n.next_on is not null
           and not exists (
               select from unnest((p_set).symbols) as s (symbol)
                where (ref.get_listing(s.symbol, (p_set).from_on)).is_listed is not true
                   or exists (select from ref.listings as l
                               where l.symbol = s.symbol and l.effective_on > (p_set).from_on
                                 and l.effective_on <= n.next_on)
                   or exists (select from risk.restrictions as r where r.symbol = s.symbol))
      from (select min(s.session_on) as next_on from ref.sessions as s
             where s.exchange_id = (p_set).exchange_id and s.session_on > (p_set).to_on) as n;
$function$;

comment on function lab.is_settled(lab.datasets, jsonb) is
$$True when lab.get_standing is the same at every tick of a dataset but for the state of the session: all
symbols listed throughout, none ever restricted, no forbidden period, a session after the last.
Why: then it need not be asked for each order.$$;

create or replace function lab.find_obstacle(
    p_set    lab.datasets,
    p_config jsonb,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with p as (
        select s.symbol, e.opens_at, d.config
          from (select p_config -> 'data' as config) as d
          join ref.sessions as e on e.exchange_id = (p_set).exchange_id and e.session_on = (p_set).from_on
         cross join unnest((p_set).symbols) as s (symbol)
    ), until as (
        select max(k.ends_at[cardinality(k.ends_at)]) as at from lab.packs as k
         where k.dataset_id = (p_set).dataset_id
    )
    select array_to_string((array_agg(o.what order by o.what collate "C"))[:20], '; ')
      from (select format('%s from %s to %s on %s looks like a split of %s', p.symbol,
                          core.format_micros(j.before_micros), core.format_micros(j.open_micros),
                          j.session_on, j.looks_like) as what
              from p
             cross join lateral md.list_unexplained_jumps(
                   p.symbol, (p_set).timeframe, (p_set).from_on,
                   (p.config ->> 'split_tolerance_bps')::integer, p_now_at) as j
             where j.session_on <= (p_set).to_on
             union all
            select format('%s %s closed at %s after %s', p.symbol, core.format_iso(j.bar_end_at),
                          core.format_micros(j.close_micros), core.format_micros(j.before_micros))
              from p
             cross join until as u
             cross join lateral md.list_outliers(
                   p.symbol, (p_set).timeframe, p.opens_at, (p.config ->> 'outlier_bps')::integer,
                   p_now_at) as j
             where p.config ->> 'outlier_policy' <> 'IGNORE' and j.bar_end_at <= u.at
               and not md.is_ruled(p.symbol, (p_set).timeframe, j.bar_end_at, 'OUTLIER', '-infinity',
                                   p_now_at)
             union all
            select format('%s %s came in two versions', c.symbol, core.format_iso(c.bar_end_at))
              from until as u
             cross join lateral md.list_conflicts(
                   (p_set).symbols, (p_set).timeframe, (select min(p.opens_at) from p), p_now_at) as c
             where p_config #>> '{data,conflict_policy}' <> 'IGNORE' and not c.is_settled
               and c.bar_end_at <= u.at) as o;
$function$;

comment on function lab.find_obstacle(lab.datasets, jsonb, timestamptz) is
$$The bars of a dataset on which a run of the config would have halted, and which nobody has settled: a jump
like a split that was not announced, a close far from the one before, a bar that came in two versions. In
words, or null.$$;

create or replace function lab.find_bad_action(
    p_set    lab.datasets,
    p_config jsonb,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with acts as (
        select a.symbol, a.action_kind, a.effective_at, a.ratio_num, a.ratio_den,
               md.format_terms(a) as terms, a.announced_at > a.effective_at as is_late
          from lab.list_dataset_actions(p_set, p_now_at) as a
    ), frozen as (
        select (p_set).symbols[s.symbol_no] as symbol, 'SPLIT' as action_kind, s.effective_at, s.ratio_num,
               s.ratio_den
          from lab.splits as s where s.dataset_id = (p_set).dataset_id
    ), bad as (
        select a.symbol, a.effective_at, a.terms || ' was announced late' as fault
          from acts as a where a.is_late
         union all
        select a.symbol, a.effective_at, a.terms || ' is taken out of the prices'
          from acts as a where a.action_kind <> 'SPLIT' and p_config #>> '{data,adjustment}' = 'ALL'
         union all
        select symbol, effective_at,
               format('%s for %s: freeze the dataset anew', ratio_num, ratio_den)
          from (select a.* from acts as a where a.action_kind = 'SPLIT' and not a.is_late) as a
          full join frozen as f using (symbol, effective_at, ratio_num, ratio_den)
         where a.action_kind is null or f.action_kind is null
    )
    select string_agg(format('%s %s', b.symbol, b.fault), ', '
                      order by b.effective_at, b.symbol collate "C", b.fault collate "C")
      from bad as b;
$function$;

comment on function lab.find_bad_action(lab.datasets, jsonb, timestamptz) is
$$The corporate actions of a dataset that a backtest cannot follow as a run would: announced after they took
effect, a dividend that prices are adjusted for, a split that stands but was not frozen with the bars, or
was and stands no more. In words, or null.$$;

create or replace function lab.list_dividends(
    p_set lab.datasets
)
returns table (
    symbol_no     integer,
    effective_us  bigint,
    pay_us        bigint,
    amount_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.nth::integer, (extract(epoch from a.effective_at) * 1000000)::bigint,
           (extract(epoch from a.pay_at) * 1000000)::bigint, a.amount_micros
      from unnest((p_set).symbols) with ordinality as s (symbol, nth)
     cross join lateral md.list_actions_as_of(s.symbol, (p_set).frozen_at) as a
      join ref.sessions as e
        on e.exchange_id = (p_set).exchange_id and e.session_on = (p_set).from_on
     where a.action_kind = 'CASH_DIVIDEND'
       and a.effective_at > e.opens_at and a.effective_at <= (p_set).frozen_at
     order by a.pay_at, a.effective_at, s.nth;
$function$;

comment on function lab.list_dividends(lab.datasets) is
$$The dividends of a dataset's symbols from its first session on, by the day on which they are paid: what is
held at effective_us (microseconds since 1970) is owed amount_micros a share, paid at pay_us.$$;

create or replace function lab.push_lot(
    p_lots    lab.lot_queue,
    p_tick    integer,
    p_session integer,
    p_qty     bigint
)
returns lab.lot_queue
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lots  lab.lot_queue := p_lots;
    v_left  bigint := p_qty;
    v_close bigint;
begin
    v_lots.is_day_trade := false;
    while v_left <> 0 and cardinality(v_lots.qtys) > 0 loop
        v_close := ledger.compute_close_qty(v_lots.qtys[1], v_left);
        exit when v_close = 0;
        v_lots.is_day_trade := v_lots.is_day_trade or v_lots.sessions[1] = p_session;
        v_lots.qtys[1] := v_lots.qtys[1] - v_close;
        v_left := v_left + v_close;
        if v_lots.qtys[1] = 0 then
            v_lots.ticks := v_lots.ticks[2:];
            v_lots.sessions := v_lots.sessions[2:];
            v_lots.qtys := v_lots.qtys[2:];
        end if;
    end loop;
    if v_left <> 0 then
        v_lots.ticks := v_lots.ticks || p_tick;
        v_lots.sessions := v_lots.sessions || p_session;
        v_lots.qtys := v_lots.qtys || v_left;
    end if;
    return v_lots;
end;
$function$;

comment on function lab.push_lot(lab.lot_queue, integer, integer, bigint) is
$$The open lots of a symbol after a fill of p_qty signed shares at a tick of a session: first in, first out,
by the function that closes the lots of the ledger.$$;

create or replace function lab.list_lots(
    p_qtys  bigint[],
    p_costs bigint[]
)
returns ledger.lots[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(jsonb_populate_record(null::ledger.lots, jsonb_build_object(
               'lot_seq', q.nth, 'queue_no', q.nth, 'open_qty', q.qty, 'open_cost_micros', q.cost))
               order by q.nth)
      from unnest(p_qtys, p_costs) with ordinality as q (qty, cost, nth);
$function$;

comment on function lab.list_lots(bigint[], bigint[]) is
$$Open lots of a backtest, oldest first, in the form in which the ledger splits its own;
numbered by place.$$;

create or replace function lab.split_lots(
    p_lots      lab.lot_queue,
    p_ratio_num bigint,
    p_ratio_den bigint
)
returns lab.lot_queue
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with lots as (
        select u.nth, u.tick, u.session, s.to_qty
          from ledger.list_lot_splits(
               lab.list_lots((p_lots).qtys, (p_lots).qtys), p_ratio_num, p_ratio_den) as s
          join unnest((p_lots).ticks, (p_lots).sessions) with ordinality as u (tick, session, nth)
            on u.nth = s.lot_seq
         where s.to_qty <> 0
    )
    select row(coalesce(array_agg(l.tick order by l.nth), '{}'),
               coalesce(array_agg(l.session order by l.nth), '{}'),
               coalesce(array_agg(l.to_qty order by l.nth), '{}'), false)::lab.lot_queue
      from lots as l;
$function$;

comment on function lab.split_lots(lab.lot_queue, bigint, bigint) is
$$The open lots of a symbol after a split, by the function that splits the lots of the ledger; one that
keeps no whole share is gone.$$;

create or replace function lab.restate_stop(
    p_stop_micros   bigint,
    p_side          integer,
    p_split_symbols integer[],
    p_split_ticks   integer[],
    p_nums          bigint[],
    p_dens          bigint[],
    p_symbol_no     integer,
    p_given_tick    integer,
    p_until_tick    integer
)
returns bigint
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_num numeric := 1;
    v_den numeric := 1;
begin
    for n in 1..cardinality(p_split_ticks) loop
        if p_split_symbols[n] = p_symbol_no and p_split_ticks[n] > p_given_tick
           and p_split_ticks[n] <= p_until_tick
        then
            v_num := v_num * p_nums[n];
            v_den := v_den * p_dens[n];
        end if;
    end loop;
    return oms.restate_stop(p_stop_micros, p_side, v_num, v_den);
end;
$function$;

comment on function lab.restate_stop(
    bigint, integer, integer[], integer[], bigint[], bigint[], integer, integer, integer) is
$$A stop price of p_given_tick in the shares of p_until_tick, over the splits of its symbol between, as
oms.get_last_stop_micros restates it.$$;

create or replace function lab.count_day_trades(
    p_orders     integer[],
    p_sessions   integer[],
    p_session_no integer
)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select count(distinct t.order_no)
      from unnest(p_orders, p_sessions) as t (order_no, session_no)
     where t.session_no between p_session_no - 4 and p_session_no;
$function$;

comment on function lab.count_day_trades(integer[], integer[], integer) is
$$Orders that closed shares in the session in which they were opened, over five sessions up to p_session_no,
the one in which an order given now would trade: what risk.count_day_trades counts for a run.
p_orders, p_sessions: each closing of that kind.$$;

create or replace function lab.count_refused_stops(
    p_symbols   integer[],
    p_ticks     integer[],
    p_symbol_no integer,
    p_from_tick integer
)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from unnest(p_symbols, p_ticks) as r (symbol_no, tick_no)
     where r.symbol_no = p_symbol_no and r.tick_no >= p_from_tick;
$function$;

comment on function lab.count_refused_stops(integer[], integer[], integer, integer) is
$$Stops of a symbol that were refused since p_from_tick, when its position was opened: what
oms.count_refused_stops counts for a run.$$;

create or replace function lab.count_since(
    p_times bigint[],
    p_after bigint
)
returns bigint
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_count integer := cardinality(p_times);
    i       integer := v_count;
begin
    while i > 0 and p_times[i] > p_after loop
        i := i - 1;
    end loop;
    return v_count - i;
end;
$function$;

comment on function lab.count_since(bigint[], bigint) is
$$How many of some ascending instants (microseconds since 1970) are later than p_after.$$;

create or replace function lab.derive_order_name(
    p_terms     lab.terms,
    p_dataset_id uuid,
    p_tick_no   integer,
    p_symbol_no integer
)
returns uuid
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select oms.derive_intent_id(
               (p_terms).id_base, (p_terms).strategy_id,
               k.ends_at[p_tick_no - k.first_tick + 1], d.symbols[p_symbol_no])
      from lab.datasets as d
      join lab.packs as k using (dataset_id)
     where d.dataset_id = p_dataset_id
       and k.pack_no = (p_tick_no - 1) / 512;
$function$;

comment on function lab.derive_order_name(lab.terms, uuid, integer, integer) is
$$The id by which the paper market tells two orders of one symbol and quantity apart.$$;

create or replace function lab.run_kernel(
    p_backtest lab.backtests,
    p_limits   risk.limits,
    p_terms    lab.terms
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $function$
declare
    v_end      lab.backtests := p_backtest;
    v_set      lab.datasets;
    v_pack     record;
    -- the pack under the hand, and the tick in it
    v_ends     timestamptz[];  v_sessions integer[];  v_closing boolean[];  v_whole boolean[];
    v_open     bigint[];  v_high bigint[];  v_low bigint[];  v_close bigint[];  v_volume bigint[];
    v_nt       integer;  v_t integer;  v_now bigint;  v_tick integer := 0;
    -- the books, and what the books of the broker will say
    v_k        integer;  v_cash bigint := p_backtest.initial_cash_micros;  v_bank bigint;
    v_held     bigint[];  v_asked bigint[];  v_kind integer[];  v_last bigint[];  v_active boolean[];
    v_hl       integer[] := '{}';  v_nh integer := 0;
    v_hq       bigint[] := '{}';  v_hx integer[] := '{}';  v_mixed boolean := false;
    -- risk
    v_eq       bigint := v_cash;  v_gross bigint;  v_day bigint := v_cash;  v_peak bigint := v_cash;
    v_floor    bigint;  v_session integer := 0;  v_reason text;  v_hole bigint;
    v_halted   integer;  v_flatten boolean;  v_done boolean := false;
    v_refused  bigint[] := '{}';  v_nr integer := 0;
    v_first    integer;  v_calm integer;  v_gap integer;  v_next integer;
    v_lever    bigint := p_limits.halt_leverage_bps;
    v_storm    bigint := p_limits.reject_storm_window_ms * 1000;
    -- orders that work, by symbol, quantity and name: 1 rests, 2 is new, 3 is to be cancelled, 4 closes
    -- what a halted run holds
    v_wo       integer[] := '{}';  v_ws integer[] := '{}';  v_wq bigint[] := '{}';
    v_wl       bigint[] := '{}';  v_wb integer[] := '{}';  v_wx integer[] := '{}';  v_nw integer := 0;
    v_wp       bigint[] := '{}';  -- the stop price of one that protects
    -- prices that a strategy asks for, by symbol and by order, and which orders a bar has triggered
    v_al       bigint[];  v_ax bigint[];  v_ql bigint[] := '{}';  v_qs bigint[] := '{}';
    v_qt       boolean[] := '{}';  v_sl bigint[];  v_sx bigint[];
    -- signals
    v_st       integer[];  v_ss integer[];  v_sk integer[];  v_sa bigint[];  v_sp integer := 1;
    v_ns       integer;  v_window integer := lab.get_step_window(p_backtest);
    -- protective stops, and lots for them and for day trades: only if the config asks for them
    v_guards   boolean := p_terms.stop_bps > 0;  v_keeps boolean;  v_lots lab.lot_queue[];
    v_queue    lab.lot_queue;  v_tight bigint[];  v_waits boolean[];  v_closed boolean[];
    v_xs       integer[] := '{}';  v_xt integer[] := '{}';  v_decided integer := 0;  v_flat integer[];
    v_refusals integer[];  v_late boolean[];  v_decides boolean;  v_again bigint;
    v_traded   integer[] := '{}';  v_traded_in integer[] := '{}';  v_flagged boolean := false;
    -- dividends: when the next thing of one happens, what is owed and what was paid
    v_flow_at  bigint;  v_is integer[];  v_ie bigint[];  v_ip bigint[];  v_ia bigint[];  v_iq bigint[];
    v_ct       integer[] := '{}';  v_cs integer[] := '{}';  v_ck text[] := '{}';  v_ca bigint[] := '{}';
    -- splits: symbol, tick and ratio, the next of them, what came of those that were
    v_gs       integer[];  v_gt integer[];  v_gn bigint[];  v_gd bigint[];  v_gp integer := 1;
    v_split    integer := 2147483647;  v_raw bigint[] := '{}';
    v_gr       bigint[] := '{}';  v_gh bigint[] := '{}';  v_gq bigint[] := '{}';  v_gl bigint[] := '{}';
    -- what is written in the end
    v_vo       integer[] := '{}';  v_vk integer[] := '{}';  v_vp bigint[] := '{}';  v_op bigint[] := '{}';
    v_o1       bigint[] := '{}';
    v_ot       integer[] := '{}';  v_os integer[] := '{}';  v_oq bigint[] := '{}';
    v_ol       text[] := '{}';  v_of bigint[] := '{}';  v_ox text[] := '{}';  v_oe integer[] := '{}';
    v_no       integer := 0;
    v_fo       integer[] := '{}';  v_ft integer[] := '{}';  v_fs integer[] := '{}';
    v_fq       bigint[] := '{}';  v_fp bigint[] := '{}';  v_ff bigint[] := '{}';  v_nf integer := 0;
    v_booked   integer := 0;  v_curve bigint[];
    -- times of allowed orders and of requests, for the rate rules
    v_at       bigint[] := '{}';  v_as integer[] := '{}';  v_na integer := 0;  v_ao integer := 1;
    v_mt       bigint[] := '{}';  v_nm integer := 0;  v_mo integer := 1;
    v_alike    bigint[];  v_ro integer := 1;
    v_dt       integer[] := '{}';  v_ds integer[] := '{}';  v_dq bigint[] := '{}';
    v_dr       text[] := '{}';  v_nd integer := 0;
    -- scratch
    i integer;  j integer;  n integer;  x integer;  v_slip bigint;  v_price bigint;  v_qty bigint;
    v_part     bigint;  v_wanted bigint;  v_delta bigint;  v_resting bigint;  v_target bigint;
    v_moved    boolean;  v_new bigint;  v_rejects bigint;
    v_rule     text;  v_facts risk.order_facts;  v_wake boolean := false;
    v_buy      bigint[];  v_sell bigint[];  v_pl integer[];  v_pk bigint[];  v_np integer;
    v_kinds    text[];  v_config jsonb;  v_is_settled boolean;  v_standing record;
    v_dl bigint := p_limits.daily_loss_limit_micros;
    v_dd       bigint := p_limits.max_drawdown_micros;
begin
    select d.* into strict v_set from lab.datasets as d where d.dataset_id = p_backtest.dataset_id;
    v_k := cardinality(v_set.symbols);
    v_kinds := array(select (ref.get_listing(s.symbol, v_set.to_on)).instrument_kind
                       from unnest(v_set.symbols) with ordinality as s (symbol, nth) order by s.nth);
    select c.config into strict v_config from run.configs as c
     where c.config_hash = p_backtest.config_hash;
    v_is_settled := lab.is_settled(v_set, v_config);
    v_held := array_fill(0::bigint, array[v_k]);
    v_asked := v_held;
    v_alike := array_fill(0::bigint, array[2 * v_k]);
    v_kind := array_fill(0, array[v_k]);
    v_last := array_fill(null::bigint, array[v_k]);
    v_al := v_last;
    v_ax := v_last;
    v_active := array_fill(false, array[v_k]);
    v_waits := v_active;
    v_closed := v_active;
    v_tight := v_last;
    v_flat := v_kind;
    v_refusals := v_kind;
    v_keeps := v_guards or p_limits.pdt_mode <> 'OFF';
    v_lots := array_fill(row('{}', '{}', '{}', false)::lab.lot_queue, array[v_k]);
    select array_agg(s.tick_no), array_agg(s.symbol_no), array_agg(s.kind), array_agg(s.amount), count(*),
           array_agg(s.limit_price_micros), array_agg(s.stop_price_micros)
      into v_st, v_ss, v_sk, v_sa, v_ns, v_sl, v_sx
      from (select g.tick_no, g.symbol_no,
                   case g.signal_kind when 'SHARES' then 1 when 'WEIGHT' then 2 else 3 end as kind,
                   g.amount, g.limit_price_micros, g.stop_price_micros
              from lab.signals as g
             where g.backtest_id = p_backtest.backtest_id
             order by g.tick_no, g.symbol_no) as s;
    v_next := coalesce(v_st[1], 2147483647);
    select array_agg(d.symbol_no), array_agg(d.effective_us), array_agg(d.pay_us),
           array_agg(d.amount_micros), array_agg(null::bigint), min(d.effective_us)
      into v_is, v_ie, v_ip, v_ia, v_iq, v_flow_at
      from lab.list_dividends(v_set) as d;
    select array_agg(s.symbol_no), array_agg(s.tick_no), array_agg(s.ratio_num), array_agg(s.ratio_den)
      into v_gs, v_gt, v_gn, v_gd
      from (select g.* from lab.splits as g
             where g.dataset_id = v_set.dataset_id order by g.tick_no, g.symbol_no) as s;
    v_split := coalesce(v_gt[1], v_split);
    v_floor := greatest(v_day - v_dl, v_peak - v_dd, 0);

    for v_pack in
        select k.* from lab.packs as k where k.dataset_id = v_set.dataset_id order by k.pack_no
    loop
        v_ends := v_pack.ends_at;  v_sessions := v_pack.sessions;  v_closing := v_pack.ends_session;
        v_whole := v_pack.is_complete;  v_open := v_pack.opens;  v_high := v_pack.highs;
        v_low := v_pack.lows;  v_close := v_pack.closes;  v_volume := v_pack.volumes;
        v_nt := cardinality(v_ends);
        v_curve := '{}';
        for n in 1..v_nh loop
            v_hx[n] := (v_hl[n] - 1) * v_nt;
        end loop;
        v_first := v_tick;
        v_calm := 0;
        v_gap := v_tick + coalesce(array_position(v_whole, false), v_nt + 1);
        v_t := 0;
        while v_t < v_nt loop
            -- 0. as long as nothing works, is asked for or is missing the books follow the prices
            if v_nw = 0 and v_reason is null and not (v_guards and v_nh > 0)
               and not v_wake and not v_mixed and v_tick < v_calm and v_tick + 1 < v_next
               and v_tick + 1 < v_split
               and (v_nr = 0 or v_now - v_storm >= v_refused[v_nr])
            then
                for x in v_t + 1..least(v_calm, v_next - 1, v_split - 1) - v_first loop
                    v_new := v_cash;
                    for n in 1..v_nh loop
                        v_new := v_new + v_hq[n] * v_close[v_hx[n] + x];
                    end loop;
                    exit when v_new <= v_floor or v_new > v_peak
                              or abs(v_new - v_cash) > v_new / 10000 * v_lever;
                    v_curve[x] := v_new;
                    v_eq := v_new;
                end loop;
                v_t := cardinality(v_curve);
                v_tick := v_first + v_t;
                exit when v_t = v_nt;
            end if;
            v_t := v_t + 1;
            v_tick := v_tick + 1;
            v_now := extract(epoch from v_ends[v_t]) * 1000000;
            -- 1. splits, dividends, then the market trades the bar
            v_moved := v_tick = v_split;
            while v_tick = v_split loop
                i := v_gs[v_gp];
                for n in 1..coalesce(cardinality(v_is), 0) loop  -- of the morning, for old shares
                    if v_is[n] = i and v_iq[n] is null and v_ie[n] <= v_now then
                        v_iq[n] := v_held[i];
                    end if;
                end loop;
                x := (i - 1) * v_nt + v_t;
                v_price := case when v_t > 1 then v_close[x - 1] else v_last[i] end;
                v_gr[v_gp] := v_price;
                v_gh[v_gp] := v_held[i];
                v_gl[v_gp] := sim.compute_lieu(v_held[i], v_gn[v_gp], v_gd[v_gp], v_price);
                v_held[i] := div(v_held[i]::numeric * v_gn[v_gp], v_gd[v_gp]);
                v_gq[v_gp] := v_held[i];
                v_cash := v_cash + v_gl[v_gp];
                if v_gl[v_gp] <> 0 then
                    n := cardinality(v_ct) + 1;
                    v_ct[n] := v_tick;
                    v_cs[n] := i;
                    v_ck[n] := 'SPLIT';
                    v_ca[n] := v_gl[v_gp];
                end if;
                v_price := core.restate_price(v_price, v_gd[v_gp], v_gn[v_gp]);
                if v_t > 1 then  -- what is left of it is the collar's reference, and a mark
                    v_close[x - 1] := v_price;
                else
                    v_last[i] := v_price;
                end if;
                for j in 1..v_nw loop
                    if v_ws[j] = i and v_wx[j] <> 0 then
                        v_ox[v_wo[j]] := 'CANCELED';
                        v_wx[j] := 0;
                        v_nm := v_nm + 1;
                        v_mt[v_nm] := v_now;
                    end if;
                end loop;
                v_waits[i] := false;
                v_active[i] := true;
                v_wake := true;
                if v_keeps then
                    v_lots[i] := lab.split_lots(v_lots[i], v_gn[v_gp], v_gd[v_gp]);
                    v_tight[i] := null;
                    n := v_no;
                    while v_held[i] <> 0 and n > 0 and v_ot[n] >= v_lots[i].ticks[1] loop
                        if v_os[n] = i and v_op[n] is not null then
                            v_raw[n] := coalesce(v_raw[n], v_op[n]);
                            v_op[n] := lab.restate_stop(
                                v_raw[n], sign(v_held[i])::integer, v_gs, v_gt, v_gn, v_gd, i, v_ot[n],
                                v_tick);
                            v_tight[i] := case when v_held[i] > 0 then greatest(v_tight[i], v_op[n])
                                               else least(v_tight[i], v_op[n]) end;
                        end if;
                        n := n - 1;
                    end loop;
                end if;
                v_gp := v_gp + 1;
                v_split := coalesce(v_gt[v_gp], 2147483647);
            end loop;
            if v_now >= v_flow_at then
                v_flow_at := null;
                for n in 1..cardinality(v_is) loop
                    if v_iq[n] is null and v_ie[n] <= v_now then
                        v_iq[n] := v_held[v_is[n]];
                    end if;
                    if v_iq[n] <> 0 and v_ip[n] <= v_now then
                        v_cash := v_cash + v_iq[n] * v_ia[n];
                        x := cardinality(v_ct) + 1;
                        v_ct[x] := v_tick;
                        v_cs[x] := v_is[n];
                        v_ck[x] := 'DIVIDEND';
                        v_ca[x] := v_iq[n] * v_ia[n];
                        v_iq[n] := 0;
                    end if;
                    v_flow_at := least(v_flow_at, case when v_iq[n] is null then v_ie[n]
                                                       when v_iq[n] <> 0 then v_ip[n] end);
                end loop;
            end if;
            v_bank := v_cash;
            for j in 1..v_nw loop
                continue when v_wx[j] = 0;
                i := v_ws[j];
                x := (i - 1) * v_nt + v_t;
                if v_volume[x] is not null and v_tick - v_wb[j] > p_terms.latency_bars then
                    v_slip := sim.compute_slippage_bps(
                        v_high[x], v_low[x], v_close[x], p_terms.slippage_bps,
                        p_terms.volatility_mult_bps, p_terms.max_slippage_bps);
                    v_price := sim.compute_fill_price(
                        p_terms.fill_profile, v_wq[j], v_ql[v_wo[j]],
                        case when v_qt[v_wo[j]] then null else coalesce(v_wp[j], v_qs[v_wo[j]]) end,
                        v_open[x], v_high[x], v_low[x], v_slip);
                    if sim.is_triggered(
                        v_wq[j], coalesce(v_wp[j], v_qs[v_wo[j]]), v_high[x], v_low[x])
                    then
                        v_qt[v_wo[j]] := true;
                    end if;
                    v_qty := case when v_price is null then 0 else
                             sim.compute_fill_qty(v_wl[j], v_volume[x], p_terms.participation_bps) end;
                    if v_qty > 0 and v_wq[j] > 0 and v_bank < v_qty * v_price + sim.compute_fee(
                           v_qty, v_price, p_terms.fee_per_share_micros, p_terms.fee_bps)
                    then
                        v_ox[v_wo[j]] := 'REJECTED';
                        v_wx[j] := 0;
                        v_nr := v_nr + 1;
                        v_refused[v_nr] := v_now;
                        v_moved := true;
                        if v_wp[j] is not null then
                            v_xs[cardinality(v_xs) + 1] := i;
                            v_xt[cardinality(v_xt) + 1] := v_wb[j];
                        end if;
                        continue;
                    end if;
                    for n in 1..2 loop  -- a large execution comes as two
                        v_part := case when n = 2 then v_qty
                                       when v_qty > p_terms.split_above_qty then v_qty / 2 else 0 end;
                        continue when v_part = 0;
                        v_nf := v_nf + 1;
                        v_fo[v_nf] := v_wo[j];
                        v_ft[v_nf] := v_tick;
                        v_fs[v_nf] := i;
                        v_fq[v_nf] := sign(v_wq[j])::bigint * v_part;
                        v_fp[v_nf] := v_price;
                        v_ff[v_nf] := sim.compute_fee(
                            v_part, v_price, p_terms.fee_per_share_micros, p_terms.fee_bps);
                        v_bank := v_bank - v_fq[v_nf] * v_price - v_ff[v_nf];
                        v_wl[j] := v_wl[j] - v_part;
                        v_qty := v_qty - v_part;
                        v_moved := true;
                    end loop;
                    if v_wl[j] = 0 then
                        v_ox[v_wo[j]] := 'FILLED';
                        v_wx[j] := 0;
                        v_closed[i] := v_ol[v_wo[j]] = 'FLATTEN';
                    elsif v_closing[v_t] and v_wp[j] is null then
                        v_ox[v_wo[j]] := 'EXPIRED';
                        v_wx[j] := 0;
                    end if;
                end if;
            end loop;
            -- 2. bars that are missing
            if not v_whole[v_t] then
                v_hole := coalesce(v_hole, v_now);
                for i in 1..v_k loop
                    x := (i - 1) * v_nt + v_t;
                    if v_close[x] is null then
                        v_close[x] := case when v_t > 1 then v_close[x - 1] else v_last[i] end;
                    end if;
                end loop;
            end if;
            if v_now - p_terms.stale_after_ms * 1000 >= v_hole then
                v_reason := coalesce(v_reason, 'INTEGRITY');
            end if;
            -- 3. risk on the books as they are, then on what the broker says
            for v_pass in 1..case when v_moved then 2 else 1 end loop
                if v_pass = 2 then
                    v_cash := v_bank;
                    while v_booked < v_nf loop
                        v_booked := v_booked + 1;
                        i := v_fs[v_booked];
                        v_held[i] := v_held[i] + v_fq[v_booked];
                        v_of[v_fo[v_booked]] := v_of[v_fo[v_booked]] + abs(v_fq[v_booked]);
                        continue when not v_keeps;
                        v_queue := lab.push_lot(v_lots[i], v_tick, v_sessions[v_t], v_fq[v_booked]);
                        if v_queue.is_day_trade then
                            v_traded[cardinality(v_traded) + 1] := v_fo[v_booked];
                            v_traded_in[cardinality(v_traded_in) + 1] := v_sessions[v_t];
                        end if;
                        if v_queue.ticks[1] is distinct from v_lots[i].ticks[1] then
                            v_tight[i] := null;  -- no stop of before the oldest lot counts
                            n := v_no;
                            while v_held[i] <> 0 and n > 0 and v_ot[n] >= v_queue.ticks[1] loop
                                if v_os[n] = i then
                                    v_tight[i] := case when v_held[i] > 0 then greatest(v_tight[i], v_op[n])
                                                       else least(v_tight[i], v_op[n]) end;
                                end if;
                                n := n - 1;
                            end loop;
                        end if;
                        v_lots[i] := v_queue;
                    end loop;
                    if p_limits.pdt_mode <> 'OFF' and not v_flagged then
                        v_flagged := lab.count_day_trades(
                            v_traded, v_traded_in,
                            v_sessions[v_t] + case when v_closing[v_t] then 1 else 0 end)
                            > p_limits.pdt_max_day_trades;
                    end if;
                    v_nh := 0;
                    v_mixed := false;
                    for i in 1..v_k loop
                        if v_held[i] <> 0 then
                            v_nh := v_nh + 1;
                            v_hl[v_nh] := i;
                            v_hq[v_nh] := v_held[i];
                            v_hx[v_nh] := (i - 1) * v_nt;
                            v_mixed := v_mixed or sign(v_held[i]) <> sign(v_hq[1]);
                        end if;
                    end loop;
                end if;
                v_new := v_cash;
                v_gross := 0;
                for n in 1..v_nh loop
                    v_qty := v_held[v_hl[n]] * v_close[(v_hl[n] - 1) * v_nt + v_t];
                    v_new := v_new + v_qty;
                    v_gross := v_gross + abs(v_qty);
                end loop;
                if v_sessions[v_t] <> v_session then
                    v_session := v_sessions[v_t];
                    v_day := v_eq;
                    v_floor := greatest(v_day - v_dl, v_peak - v_dd, 0);
                end if;
                v_eq := v_new;
                if v_eq > v_peak then
                    v_peak := v_eq;
                    v_floor := greatest(v_day - v_dl, v_peak - v_dd, 0);
                end if;
                if v_eq <= v_floor or v_nr > 0
                   or v_nh > 0 and v_gross > v_eq / 10000 * p_limits.halt_leverage_bps
                then
                    v_rejects := lab.count_since(
                        v_refused, v_now - p_limits.reject_storm_window_ms * 1000);
                    v_reason := coalesce(v_reason, risk.name_breach(
                        p_limits, v_eq, v_day, v_peak, v_gross, v_rejects));
                end if;
            end loop;
            if v_tick > v_calm and v_sessions[v_t + 1] = v_session and v_hole is null
               and v_window is null
            then  -- until where no session and no hole begins
                v_calm := least(v_gap - 1, v_first + coalesce(
                    array_position(v_sessions, v_session + 1) - 1, v_nt));
            end if;
            v_curve[v_t] := v_eq;
            if v_nw > 0 then
                for j in 1..v_nw loop
                    if v_wx[j] = 0 then
                        v_oe[v_wo[j]] := v_tick;
                        if v_halted is not null and v_wl[j] = abs(v_wq[j]) then
                            v_refusals[v_ws[j]] := v_refusals[v_ws[j]] + 1;
                        end if;
                    end if;
                    v_active[v_ws[j]] := true;
                end loop;
                v_wake := true;
                n := 0;
                for j in 1..v_nw loop  -- those that ended make room
                    continue when v_wx[j] = 0;
                    n := n + 1;
                    continue when n = j;
                    v_wo[n] := v_wo[j];
                    v_ws[n] := v_ws[j];
                    v_wq[n] := v_wq[j];
                    v_wl[n] := v_wl[j];
                    v_wb[n] := v_wb[j];
                    v_wx[n] := v_wx[j];
                    v_wp[n] := v_wp[j];
                end loop;
                v_nw := n;
            end if;
            if v_reason is null then
                -- 4. the strategy decides, risk judges
                while v_sp <= v_ns and v_st[v_sp] <= v_tick loop
                    i := v_ss[v_sp];
                    v_kind[i] := v_sk[v_sp];
                    v_asked[i] := v_sa[v_sp];
                    v_al[i] := v_sl[v_sp];
                    v_ax[i] := v_sx[v_sp];
                    v_active[i] := true;
                    v_wake := true;
                    v_sp := v_sp + 1;
                    v_next := coalesce(v_st[v_sp], 2147483647);
                end loop;
                if v_window is not null and v_whole[v_t] then  -- one that wants to be asked at each tick
                    select t.qtys, t.limits, t.stops into strict v_asked, v_al, v_ax
                      from lab.decide_targets(p_backtest, v_tick, v_window, v_held, v_eq) as t;
                    v_kind := array_fill(1, array[v_k]);
                    v_active := array_fill(true, array[v_k]);
                    v_wake := true;
                end if;
                v_decides := v_wake and v_whole[v_t];
                continue when not (v_decides or v_guards);
                v_wake := v_wake and not v_decides;
                v_decided := case when v_whole[v_t] then v_tick else v_decided end;
                loop  -- the workers come round until nothing is left to do
                    v_again := v_nm;
                    v_np := 0;
                    v_pl := '{}';
                    v_pk := '{}';
                    for i in 1..v_k loop
                        continue when not case when v_decides then v_active[i] else v_waits[i] end;
                        v_waits[i] := false;
                        v_target := case
                            when v_kind[i] = 3 then v_held[i]
                            when v_kind[i] = 1 or v_asked[i] = 0 then v_asked[i]
                            when sign(v_held[i]) = sign(v_asked[i]) then v_held[i]
                            else sign(v_asked[i])::bigint * div(
                                div(greatest(v_eq, 0)::numeric * abs(v_asked[i]), 10000),
                                v_close[(i - 1) * v_nt + v_t]) end;
                        v_resting := 0;
                        v_moved := false;  -- whether something works in other terms
                        for j in 1..v_nw loop
                            if v_ws[j] = i and v_wp[j] is null then
                                v_resting := v_resting + sign(v_wq[j])::bigint * v_wl[j];
                                v_moved := v_moved or v_ol[v_wo[j]] = 'TARGET' and (
                                    v_ql[v_wo[j]] is distinct from v_al[i]
                                    or v_qs[v_wo[j]] is distinct from v_ax[i]);
                            end if;
                        end loop;
                        v_wanted := case when sign(v_target) * sign(v_held[i]) < 0 then -v_held[i]
                                         else v_target - v_held[i] end;
                        v_active[i] := v_target <> v_held[i] or v_resting <> 0
                                       or v_kind[i] = 2 and v_asked[i] <> 0 and v_held[i] = 0;
                        v_wake := v_wake or v_active[i];
                        continue when v_wanted = v_resting and not v_moved;
                        v_np := v_np + 1;  -- the largest sale first, then by symbol
                        n := v_np;
                        while v_decides and n > 1 and v_pk[3 * n - 5] > v_target - v_held[i] loop
                            v_pl[n] := v_pl[n - 1];
                            v_pk[3 * n - 2] := v_pk[3 * n - 5];
                            v_pk[3 * n - 1] := v_pk[3 * n - 4];
                            v_pk[3 * n] := v_pk[3 * n - 3];
                            n := n - 1;
                        end loop;
                        v_pl[n] := i;
                        v_pk[3 * n - 2] := v_target - v_held[i];
                        v_pk[3 * n - 1] := v_wanted;
                        v_pk[3 * n] := v_resting;
                    end loop;
                    v_decides := false;
                    exit when v_np = 0 and not v_guards;
                    v_buy := array_fill(0::bigint, array[v_k]);
                    v_sell := v_buy;
                    for j in 1..v_nw loop
                        if v_wq[j] > 0 then
                            v_buy[v_ws[j]] := v_buy[v_ws[j]] + v_wl[j];
                        else
                            v_sell[v_ws[j]] := v_sell[v_ws[j]] + v_wl[j];
                        end if;
                    end loop;
                    for n in 1..v_np loop
                        i := v_pl[n];
                        x := (i - 1) * v_nt + v_t;
                        v_wanted := v_pk[3 * n - 1];
                        v_resting := v_pk[3 * n];
                        v_delta := v_wanted - v_resting;
                        if v_resting <> 0 then
                            v_moved := sign(v_wanted) <> sign(v_resting);
                            for j in 1..v_nw loop
                                if v_ws[j] = i and v_wx[j] = 1 and v_wp[j] is null and (
                                   v_moved or v_ol[v_wo[j]] = 'TARGET' and (
                                       v_ql[v_wo[j]] is distinct from v_al[i]
                                       or v_qs[v_wo[j]] is distinct from v_ax[i]))
                                then
                                    v_wx[j] := 3;
                                    v_nm := v_nm + 1;
                                    v_mt[v_nm] := v_now;
                                    v_waits[i] := not v_moved;
                                end if;
                            end loop;
                            continue when v_moved or v_waits[i] or sign(v_delta) * sign(v_resting) < 0;
                        end if;
                        -- the stop that rests makes way first, but not for what will be denied
                        if v_guards and (v_held[i] = 0 or num_nonnulls(v_al[i], v_ax[i]) = 0) then
                            v_moved := false;
                            for j in 1..v_nw loop
                                if v_ws[j] = i and v_wp[j] is not null then
                                    v_moved := true;
                                    v_wx[j] := 3;
                                    v_nm := v_nm + 1;
                                    v_mt[v_nm] := v_now;
                                    v_waits[i] := v_of[v_wo[j]] = 0;
                                end if;
                            end loop;
                            continue when v_moved;
                        end if;
                        v_facts.order_qty := v_delta;
                        v_facts.held_qty := v_held[i];
                        v_facts.buy_qty := v_buy[i];
                        v_facts.sell_qty := v_sell[i];
                        v_facts.mark_micros := v_close[x];
                        v_price := 0;  -- what the others are worth, as they may become
                        v_part := 0;
                        v_qty := 0;
                        for j in 1..v_k loop
                            continue when j = i or v_held[j] = 0 and v_buy[j] = 0 and v_sell[j] = 0;
                            v_new := (v_held[j] + v_buy[j]) * v_close[(j - 1) * v_nt + v_t];
                            v_target := (v_held[j] - v_sell[j]) * v_close[(j - 1) * v_nt + v_t];
                            v_price := v_price + greatest(v_new, -v_target);
                            v_part := v_part + v_new;
                            v_qty := v_qty + v_target;
                        end loop;
                        v_facts.other_gross := v_price;
                        v_facts.other_high := v_part;
                        v_facts.other_low := v_qty;
                        v_facts.instrument_kind := v_kinds[i];
                        v_facts.is_listed := true;
                        v_facts.session_state := case when v_closing[v_t] then 'CLOSED' else 'OPEN' end;
                        v_facts.restriction := 'NONE';
                        v_facts.reference_micros := case when v_t > 1 then v_close[x - 1]
                                                         else v_last[i] end;
                        v_facts.is_fresh := true;
                        if not v_is_settled then
                            v_standing := lab.get_standing(
                                v_set.exchange_id, v_set.symbols[i], v_config, v_pack.ends_at[v_t]);
                            v_facts.instrument_kind := v_standing.instrument_kind;
                            v_facts.is_listed := v_standing.is_listed;
                            v_facts.session_state := v_standing.session_state;
                            v_facts.restriction := v_standing.restriction;
                        end if;
                        v_facts.equity_micros := v_eq;
                        v_facts.limit_micros := v_al[i];
                        v_facts.stop_micros := v_ax[i];
                        v_facts.is_guarded := v_guards;
                        if p_limits.pdt_mode <> 'OFF' then
                            v_facts.is_flagged := v_flagged;
                            v_facts.day_trades := lab.count_day_trades(
                                v_traded, v_traded_in,
                                v_sessions[v_t] + case when v_closing[v_t] then 1 else 0 end);
                        end if;
                        while v_at[v_ao] <= v_now - p_limits.order_window_ms * 1000 loop
                            v_ao := v_ao + 1;
                        end loop;
                        while v_mt[v_mo] <= v_now - p_limits.message_window_ms * 1000 loop
                            v_mo := v_mo + 1;
                        end loop;
                        while v_at[v_ro] <= v_now - p_limits.repeat_window_ms * 1000 loop
                            v_alike[v_as[v_ro]] := v_alike[v_as[v_ro]] - 1;
                            v_ro := v_ro + 1;
                        end loop;
                        j := 2 * i - case when v_delta > 0 then 1 else 0 end;
                        v_facts.orders := v_na - v_ao + 1;
                        v_facts.messages := v_nm - v_mo + 1;
                        v_facts.repeats := v_alike[j];
                        v_rule := risk.find_denial(p_limits, v_facts);
                        if v_rule is not null then
                            v_nd := v_nd + 1;
                            v_dt[v_nd] := v_tick;
                            v_ds[v_nd] := i;
                            v_dq[v_nd] := v_delta;
                            v_dr[v_nd] := v_rule;
                            continue;
                        end if;
                        v_no := v_no + 1;
                        v_ot[v_no] := v_tick;
                        v_os[v_no] := i;
                        v_ol[v_no] := 'TARGET';
                        v_oq[v_no] := v_delta;
                        v_ql[v_no] := v_al[i];
                        v_qs[v_no] := v_ax[i];
                        v_op[v_no] := null;
                        v_o1[v_no] := v_ax[i];
                        v_of[v_no] := 0;
                        v_ox[v_no] := 'OPEN';
                        v_oe[v_no] := null;
                        v_na := v_na + 1;
                        v_at[v_na] := v_now;
                        v_as[v_na] := j;
                        v_alike[j] := v_alike[j] + 1;
                        v_nm := v_nm + 1;
                        v_mt[v_nm] := v_now;
                        if v_delta > 0 then
                            v_buy[i] := v_buy[i] + v_delta;
                        else
                            v_sell[i] := v_sell[i] - v_delta;
                        end if;
                        v_nw := v_nw + 1;
                        v_wo[v_nw] := v_no;
                        v_ws[v_nw] := i;
                        v_wq[v_nw] := v_delta;
                        v_wl[v_nw] := abs(v_delta);
                        v_wb[v_nw] := v_tick;
                        v_wx[v_nw] := 2;
                        v_wp[v_nw] := null;
                    end loop;
                    -- the stops are looked after, as oms.plan_stop does
                    for i in 1..case when v_guards then v_k else 0 end loop
                        continue when v_held[i] = 0 and not v_closed[i];
                        x := 0;
                        v_moved := v_waits[i];
                        for j in 1..v_nw loop
                            if v_ws[j] = i then
                                x := case when v_wp[j] is not null then j else x end;
                                v_moved := v_moved or v_wp[j] is null or v_wx[j] = 3;
                                if v_wx[j] = 1 and v_held[i] <> 0
                                   and num_nonnulls(v_ql[v_wo[j]], v_qs[v_wo[j]]) > 0
                                then  -- what has come is protected first
                                    v_wx[j] := 3;
                                    v_nm := v_nm + 1;
                                    v_mt[v_nm] := v_now;
                                end if;
                            end if;
                        end loop;
                        if v_held[i] = 0 and x = 0 then
                            v_reason := 'MISSING_PROTECTIVE_STOP';
                            exit;
                        end if;
                        continue when v_moved;
                        v_price := oms.compute_stop_price(
                            v_held[i], v_close[(i - 1) * v_nt + v_t], p_terms.stop_bps, v_tight[i]);
                        continue when x > 0 and (v_price = v_tight[i] or v_of[v_wo[x]] > 0);
                        v_nm := v_nm + 1;
                        v_mt[v_nm] := v_now;
                        if x > 0 then
                            v_tight[i] := v_price;
                            v_op[v_wo[x]] := v_price;
                            v_wp[x] := v_price;
                            v_qt[v_wo[x]] := false;
                            n := cardinality(v_vo) + 1;
                            v_vo[n] := v_wo[x];
                            v_vk[n] := v_tick;
                            v_vp[n] := v_price;
                            continue;
                        end if;
                        v_moved := lab.count_refused_stops(v_xs, v_xt, i, v_lots[i].ticks[1]) >= 2;
                        if v_moved and v_flat[i] = v_decided then
                            v_nm := v_nm - 1;
                            v_reason := 'MISSING_PROTECTIVE_STOP';
                            exit;
                        end if;
                        v_no := v_no + 1;
                        v_ot[v_no] := v_tick;
                        v_os[v_no] := i;
                        v_oq[v_no] := -v_held[i];
                        v_of[v_no] := 0;
                        v_ox[v_no] := 'OPEN';
                        v_oe[v_no] := null;
                        if v_moved then  -- a position that cannot be protected is closed
                            v_flat[i] := v_decided;
                            v_price := null;
                        else
                            v_tight[i] := v_price;
                        end if;
                        v_ol[v_no] := case when v_moved then 'FLATTEN' else 'STOP' end;
                        v_op[v_no] := v_price;
                        v_o1[v_no] := v_price;
                        n := 2 * i - case when v_held[i] < 0 then 1 else 0 end;
                        v_na := v_na + 1;
                        v_at[v_na] := v_now;
                        v_as[v_na] := n;
                        v_alike[n] := v_alike[n] + 1;
                        v_nw := v_nw + 1;
                        v_wo[v_nw] := v_no;
                        v_ws[v_nw] := i;
                        v_wq[v_nw] := -v_held[i];
                        v_wl[v_nw] := abs(v_held[i]);
                        v_wb[v_nw] := v_tick;
                        v_wx[v_nw] := 2;
                        v_wp[v_nw] := v_price;
                    end loop;
                    exit when v_reason is not null;
                    -- 5. cancels go out, then the new orders; the broker refuses what it would refuse
                    for j in 1..v_nw loop
                        if v_wx[j] = 3 then
                            v_ox[v_wo[j]] := 'CANCELED';
                            v_oe[v_wo[j]] := v_tick;
                            v_wx[j] := 0;
                        end if;
                    end loop;
                    for j in 1..v_nw loop
                        continue when v_wx[j] <> 2;
                        i := v_ws[j];
                        v_resting := 0;
                        v_moved := false;
                        for n in 1..v_nw loop
                            if v_wx[n] = 1 and v_ws[n] = i then
                                v_moved := v_moved or sign(v_wq[n]) <> sign(v_wq[j]);
                                v_resting := v_resting + v_wl[n];
                            end if;
                        end loop;
                        if v_moved
                           or v_wq[j] * coalesce(v_ql[v_wo[j]], v_close[(i - 1) * v_nt + v_t]) > v_cash
                           or sign(v_held[i]) * sign(v_wq[j]) < 0 and v_wl[j] + v_resting > abs(v_held[i])
                        then
                            v_ox[v_wo[j]] := 'REJECTED';
                            v_oe[v_wo[j]] := v_tick;
                            v_wx[j] := 0;
                            v_nr := v_nr + 1;
                            v_refused[v_nr] := v_now;
                            if v_wp[j] is not null then
                                v_xs[cardinality(v_xs) + 1] := i;
                                v_xt[cardinality(v_xt) + 1] := v_tick;
                            end if;
                            v_reason := risk.name_breach(
                                p_limits, v_eq, v_day, v_peak, v_gross, lab.count_since(
                                    v_refused, v_now - p_limits.reject_storm_window_ms * 1000));
                            exit when v_reason is not null;
                        else
                            v_wx[j] := 1;
                        end if;
                    end loop;
                    v_np := v_nw;
                    v_nw := 0;
                    for j in 1..v_np loop  -- those that rest, by symbol, quantity and name
                        continue when v_wx[j] = 0;
                        v_pl[1] := v_wo[j];
                        v_pl[2] := v_ws[j];
                        v_pl[3] := v_wb[j];
                        v_pk[1] := v_wq[j];
                        v_pk[2] := v_wl[j];
                        v_pl[4] := v_wx[j];
                        v_pk[3] := v_wp[j];
                        v_nw := v_nw + 1;
                        n := v_nw;
                        while n > 1 and (v_ws[n - 1] > v_pl[2] or v_ws[n - 1] = v_pl[2] and (
                            v_wq[n - 1] > v_pk[1] or v_wq[n - 1] = v_pk[1]
                            and lab.derive_order_name(p_terms, v_set.dataset_id, v_wb[n - 1], v_pl[2])
                                > lab.derive_order_name(p_terms, v_set.dataset_id, v_pl[3], v_pl[2])))
                        loop
                            v_wo[n] := v_wo[n - 1];
                            v_ws[n] := v_ws[n - 1];
                            v_wq[n] := v_wq[n - 1];
                            v_wl[n] := v_wl[n - 1];
                            v_wb[n] := v_wb[n - 1];
                            v_wx[n] := v_wx[n - 1];
                            v_wp[n] := v_wp[n - 1];
                            n := n - 1;
                        end loop;
                        v_wo[n] := v_pl[1];
                        v_ws[n] := v_pl[2];
                        v_wb[n] := v_pl[3];
                        v_wq[n] := v_pk[1];
                        v_wl[n] := v_pk[2];
                        v_wx[n] := v_pl[4];
                        v_wp[n] := v_pk[3];
                    end loop;
                    exit when v_reason is not null or v_nm = v_again
                              or not v_guards and not true = any (v_waits);
                end loop;
            end if;
            continue when v_reason is null;
            -- the brake is pulled: nothing works on but what protects, and what is held goes, if
            -- that is the rule of the halt; its stop rests until then
            v_halted := coalesce(v_halted, v_tick);
            v_flatten := coalesce(v_flatten, p_limits.flatten_on_critical and exists (
                select from run.trip_kinds as k
                 where k.is_critical and k.trip_kind = run.get_trip_kind(
                       case v_reason when 'INTEGRITY' then v_reason else 'RISK' end, v_reason)));
            v_late := array_fill(false, array[v_k]);
            n := v_no;
            while v_halted = v_tick and n > 0 and v_ot[n] = v_tick loop  -- what was just refused counts
                if v_ol[n] = 'FLATTEN' and v_ox[n] = 'REJECTED' then
                    v_refusals[v_os[n]] := v_refusals[v_os[n]] + 1;
                end if;
                n := n - 1;
            end loop;
            n := 0;
            for j in 1..v_nw loop
                if v_wx[j] <> 4 and (v_flatten or v_wp[j] is null) then
                    v_ox[v_wo[j]] := 'CANCELED';
                    v_oe[v_wo[j]] := v_tick;
                    v_late[v_ws[j]] := v_late[v_ws[j]] or v_wx[j] = 1 and v_wp[j] is not null;
                    if v_ol[v_wo[j]] = 'FLATTEN' and v_wx[j] = 1 and v_wb[j] = v_tick then
                        v_refusals[v_ws[j]] := v_refusals[v_ws[j]] + 1;
                    end if;
                    continue;
                end if;
                n := n + 1;
                v_wo[n] := v_wo[j];
                v_ws[n] := v_ws[j];
                v_wq[n] := v_wq[j];
                v_wl[n] := v_wl[j];
                v_wb[n] := v_wb[j];
                v_wx[n] := v_wx[j];
                v_wp[n] := v_wp[j];
            end loop;
            v_nw := n;
            v_done := not v_flatten;
            exit when v_done;
            for v_round in 1..4 loop  -- three refusals are the end
                for i in 1..v_k loop
                    v_moved := v_late[i];
                    v_late[i] := false;
                    for j in 1..v_nw loop
                        v_moved := v_moved or v_ws[j] = i;
                    end loop;
                    continue when v_held[i] = 0 or v_moved or v_refusals[i] >= 3;
                    v_no := v_no + 1;
                    v_ot[v_no] := v_tick;
                    v_os[v_no] := i;
                    v_ol[v_no] := 'FLATTEN';
                    v_oq[v_no] := -v_held[i];
                    v_op[v_no] := null;
                    v_o1[v_no] := null;
                    v_of[v_no] := 0;
                    if -v_held[i] * v_close[(i - 1) * v_nt + v_t] > v_cash then
                        v_ox[v_no] := 'REJECTED';
                        v_oe[v_no] := v_tick;
                        v_refusals[i] := v_refusals[i] + 1;
                        continue;
                    end if;
                    v_ox[v_no] := 'OPEN';
                    v_oe[v_no] := null;
                    v_nw := v_nw + 1;
                    v_wo[v_nw] := v_no;
                    v_ws[v_nw] := i;
                    v_wq[v_nw] := -v_held[i];
                    v_wl[v_nw] := abs(v_held[i]);
                    v_wb[v_nw] := v_tick;
                    v_wx[v_nw] := 4;
                    v_wp[v_nw] := null;
                end loop;
            end loop;
            v_done := v_nw = 0 and v_nh = 0;
            exit when v_done;
        end loop;
        insert into lab.denials (backtest_id, tick_no, symbol_no, order_qty, rule)
        select p_backtest.backtest_id, u.t, u.s, u.q, u.r
          from unnest(v_dt, v_ds, v_dq, v_dr) as u (t, s, q, r);
        v_nd := 0;
        v_dt := '{}';
        v_ds := '{}';
        v_dq := '{}';
        v_dr := '{}';
        insert into lab.curves (backtest_id, pack_no, equity_micros)
        values (p_backtest.backtest_id, v_pack.pack_no, v_curve);
        raise notice 'tick % of %', v_tick, v_set.ticks;
        exit when v_done;
        for i in 1..v_k loop
            v_last[i] := v_close[i * v_nt];
        end loop;
    end loop;
    insert into lab.orders (
        backtest_id, order_no, tick_no, symbol_no, leg, order_qty, limit_price_micros, stop_price_micros,
        filled_qty, order_status, ended_tick)
    select p_backtest.backtest_id, u.nth, u.t, u.s, u.l, u.q, u.b, u.p, u.f, u.x, u.e
      from unnest(v_ot, v_os, v_ol, v_oq, v_ql, v_o1, v_of, v_ox, v_oe) with ordinality
           as u (t, s, l, q, b, p, f, x, e, nth);
    insert into lab.moved_stops (backtest_id, move_no, order_no, tick_no, stop_price_micros)
    select p_backtest.backtest_id, u.nth, u.o, u.t, u.p
      from unnest(v_vo, v_vk, v_vp) with ordinality as u (o, t, p, nth);
    insert into lab.flows (backtest_id, flow_no, tick_no, symbol_no, flow_kind, amount_micros)
    select p_backtest.backtest_id, u.nth, u.t, u.s, u.k, u.a
      from unnest(v_ct, v_cs, v_ck, v_ca) with ordinality as u (t, s, k, a, nth);
    insert into lab.adjustments (
        backtest_id, dataset_id, symbol_no, tick_no, ratio_num, ratio_den, reference_micros, held_qty,
        new_qty, cash_micros)
    select p_backtest.backtest_id, v_set.dataset_id, u.s, u.t, u.n, u.d, u.r, u.h, u.q, u.l
      from unnest(v_gs, v_gt, v_gn, v_gd, v_gr, v_gh, v_gq, v_gl) as u (s, t, n, d, r, h, q, l)
     where u.h is not null;
    insert into lab.fills (
        backtest_id, fill_no, order_no, given_tick, tick_no, symbol_no, fill_qty, price_micros,
        fee_micros)
    select p_backtest.backtest_id, u.nth, u.o, v_ot[u.o], u.t, u.s, u.q, u.p, u.f
      from unnest(v_fo, v_ft, v_fs, v_fq, v_fp, v_ff) with ordinality as u (o, t, s, q, p, f, nth);
    v_end.backtest_status := case when v_reason is null then 'COMPLETED' else 'HALTED' end;
    v_end.halt_reason := v_reason;
    v_halted := case when v_reason is not null then coalesce(v_halted, v_tick) end;
    v_end.halted_at := (
        select k.ends_at[v_halted - k.first_tick + 1] from lab.packs as k
         where k.dataset_id = v_set.dataset_id and k.pack_no = (v_halted - 1) / 512);
    v_end.ticks := v_tick;
    v_end.orders := v_no;
    v_end.fills := v_nf;
    v_end.cash_micros := v_cash;
    v_end.equity_micros := v_eq;
    return v_end;
end;
$function$;

comment on function lab.run_kernel(lab.backtests, risk.limits, lab.terms) is
$$Plays a backtest tick by tick, as the desk would: the market trades the bar with the orders that were
given before it; missing bars; risk on the books before and after the news of the broker; the signals of the
tick become targets, targets become orders that risk allows; the broker takes them or refuses. Orders of
tick t fill in t + 1 at the earliest. A halt ends it, once what is held is closed, if that is the rule of
the halt. Writes orders, fills, denials and the equity
curve; gives the backtest with its result.
Why: one loop over packed arrays, with the very functions that judge and price the orders of a live desk.
It is longer than a screen because a call of a function in the loop costs more than the tick itself.$$;

create or replace function lab.list_lot_events(
    p_backtest lab.backtests,
    p_terms    lab.terms
)
returns table (
    symbol_no    integer,
    tick_no      integer,
    fill_no      integer,
    fill_qty     bigint,
    price_micros bigint,
    ratio_num    bigint,
    ratio_den    bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select e.symbol_no, e.tick_no, e.fill_no, e.fill_qty, e.price_micros, e.ratio_num, e.ratio_den
      from (select f.*, null::bigint as ratio_num, null::bigint as ratio_den,
                   min(f.order_no) over w <> max(f.order_no) over w as is_tie
              from lab.fills as f
             where f.backtest_id = (p_backtest).backtest_id
            window w as (partition by f.symbol_no, f.tick_no)
             union all
            select a.backtest_id, null, null, null, a.tick_no, a.symbol_no, null, null, null, a.ratio_num,
                   a.ratio_den, false
              from lab.adjustments as a
             where a.backtest_id = (p_backtest).backtest_id) as e
     order by e.symbol_no, e.tick_no, e.fill_no is not null,
              case when e.is_tie then sim.derive_order_id(
                   (p_terms).account_id, oms.derive_client_order_id(
                   (p_terms).engine_id, lab.derive_order_name(
                       p_terms, (p_backtest).dataset_id, e.given_tick, e.symbol_no))) end,
              e.fill_no;
$function$;

comment on function lab.list_lot_events(lab.backtests, lab.terms) is
$$What changes the lots of a backtest, by symbol and time: its fills, at one tick in the order of their
names, and before them the splits of the tick's morning.$$;

create or replace function lab.match_fills(
    p_backtest lab.backtests,
    p_terms    lab.terms
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_event record;  v_symbol integer := 0;  v_head integer;  v_tail integer;  v_left bigint;
    v_no integer[];  v_open bigint[];  v_price bigint[];  v_split integer[];  v_cost bigint[];
    v_close bigint;  v_n integer := 0;  v_s integer[] := '{}';  v_e integer[] := '{}';
    v_x integer[] := '{}';  v_t integer[] := '{}';  v_q bigint[] := '{}';  v_p bigint[] := '{}';
    v_r bigint[] := '{}';  v_c bigint[] := '{}';
begin
    for v_event in select e.* from lab.list_lot_events(p_backtest, p_terms) as e loop
        if v_event.symbol_no <> v_symbol then
            v_symbol := v_event.symbol_no;
            v_no := '{}';  v_open := '{}';  v_price := '{}';  v_split := '{}';  v_cost := '{}';
            v_head := 1;  v_tail := 0;
        end if;
        if v_event.fill_no is null then
            select coalesce(array_agg(v_no[v_head - 1 + l.lot_seq] order by l.lot_seq), '{}'),
                   coalesce(array_agg(v_price[v_head - 1 + l.lot_seq] order by l.lot_seq), '{}'),
                   coalesce(array_agg(v_event.tick_no), '{}'),
                   coalesce(array_agg(l.to_qty order by l.lot_seq), '{}'),
                   coalesce(array_agg(l.to_cost_micros order by l.lot_seq), '{}'), 1, count(*)
              into v_no, v_price, v_split, v_open, v_cost, v_head, v_tail
              from ledger.list_lot_splits(lab.list_lots(v_open[v_head :], v_cost[v_head :]),
                                          v_event.ratio_num, v_event.ratio_den) as l
             where l.to_qty <> 0;
            continue;
        end if;
        v_left := v_event.fill_qty;
        while v_left <> 0 and v_head <= v_tail loop
            v_close := ledger.compute_close_qty(v_open[v_head], v_left);
            exit when v_close = 0;
            v_n := v_n + 1;
            v_s[v_n] := v_symbol;  v_e[v_n] := v_no[v_head];  v_x[v_n] := v_event.fill_no;
            v_q[v_n] := v_close;  v_p[v_n] := v_price[v_head];  v_r[v_n] := v_event.price_micros;
            v_c[v_n] := div(v_cost[v_head]::numeric * v_close, v_open[v_head]);
            v_t[v_n] := v_split[v_head];
            v_open[v_head] := v_open[v_head] - v_close;
            v_cost[v_head] := v_cost[v_head] - v_c[v_n];
            v_left := v_left + v_close;  v_head := v_head + (v_open[v_head] = 0)::integer;
        end loop;
        if v_left <> 0 then
            v_tail := v_tail + 1;
            v_no[v_tail] := v_event.fill_no;  v_open[v_tail] := v_left;  v_split[v_tail] := null;
            v_price[v_tail] := v_event.price_micros;  v_cost[v_tail] := v_left * v_event.price_micros;
        end if;
    end loop;
    insert into lab.closes (
        backtest_id, close_no, symbol_no, entry_fill_no, exit_fill_no, closed_qty, entry_price_micros,
        split_tick, cost_micros, exit_price_micros)
    select (p_backtest).backtest_id, u.nth, u.s, u.e, u.x, u.q, u.p, u.t, u.c, u.r
      from unnest(v_s, v_e, v_x, v_q, v_p, v_t, v_c, v_r) with ordinality
           as u (s, e, x, q, p, t, c, r, nth);
end;
$function$;

comment on function lab.match_fills(lab.backtests, lab.terms) is
$$Closes lots with the fills of a backtest, first in, first out by symbol: what ledger.match_lots does one
fill at a time, with the same function for how much is closed; splits the open lots where a split comes
between, with the function that splits those of the ledger.$$;

create or replace function lab.build_rehearsal(
    p_config jsonb
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select core.format_canonical_json(p_config || jsonb_build_object(
        'engine', p_config -> 'engine' || '{"mode": "PAPER"}',
        'runtime', p_config -> 'runtime' || '{"clock": "VIRTUAL", "deadman_file": false,
            "deadman_ttl_seconds": 864000, "gate_ttl_seconds": 864000, "lease_seconds": 864000}',
        'broker', '{"name": "paper"}'::jsonb || jsonb_build_object(
            'account_id', p_config #> '{broker,account_id}',
            'initial_cash', p_config #> '{broker,initial_cash}'),
        'data', p_config -> 'data' || '{"feed": "rehearsal", "second_feed": "none",
            "gap_window_bars": 2, "gap_tolerance_bars": 0, "outlier_policy": "IGNORE",
            "split_tolerance_bps": 0}'));
$function$;

comment on function lab.build_rehearsal(jsonb) is
$$The config, in canonical json, by which a rehearsal plays a backtest of this config: its strategy, limits,
costs, cash, engine and account, on the paper broker, in a time that is given. Of the data it keeps what a
backtest knows: when a missing bar is too late.
Why: the database says what is rehearsed; the program that does it has no choice.$$;

create or replace function lab.get_rehearsal_start(
    p_dataset_id uuid
)
returns timestamptz
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select min(s.opens_at)
      from lab.datasets as d
      join lab.packs as k on k.dataset_id = d.dataset_id and k.pack_no = 0
      join ref.sessions as s on s.exchange_id = d.exchange_id and s.closes_at >= k.ends_at[1]
     where d.dataset_id = p_dataset_id
       and s.session_on between d.from_on - 2 and d.to_on + 1;
$function$;

comment on function lab.get_rehearsal_start(uuid) is
$$When the first session of a dataset opens: as of then its rehearsal begins.$$;

create or replace function lab.derive_rehearsal_run(
    p_backtest lab.backtests
)
returns uuid
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select run.derive_run_id(
               c.config #>> '{engine,engine_id}', 'PAPER', core.hash_text(lab.build_rehearsal(c.config)),
               lab.get_rehearsal_start((p_backtest).dataset_id), 1)
      from run.configs as c
     where c.config_hash = (p_backtest).config_hash;
$function$;

comment on function lab.derive_rehearsal_run(lab.backtests) is
$$The id that the run of a backtest's rehearsal will have.
Why: orders are named after their run, and names break ties; so the backtest is run with these names.$$;

create or replace function lab.compute_digest(
    p_backtest_id uuid
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.hash_text(concat_ws(e'\n',
        (select string_agg(concat_ws(',', o.order_no, o.tick_no, o.symbol_no, o.leg, o.order_qty,
                                     o.filled_qty, o.order_status, o.ended_tick, o.stop_price_micros,
                                     'limit ' || o.limit_price_micros), ';'
                           order by o.order_no)
           from lab.orders as o where o.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', f.fill_no, f.order_no, f.tick_no, f.symbol_no, f.fill_qty,
                                     f.price_micros, f.fee_micros), ';' order by f.fill_no)
           from lab.fills as f where f.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', m.order_no, m.tick_no, m.stop_price_micros), ';'
                           order by m.move_no)
           from lab.moved_stops as m where m.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', f.tick_no, f.symbol_no, f.flow_kind, f.amount_micros), ';'
                           order by f.flow_no)
           from lab.flows as f where f.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', a.tick_no, a.symbol_no, a.held_qty, a.new_qty, a.cash_micros), ';'
                           order by a.tick_no, a.symbol_no)
           from lab.adjustments as a where a.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', d.tick_no, d.symbol_no, d.order_qty, d.rule), ';'
                           order by d.tick_no, d.symbol_no)
           from lab.denials as d where d.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', c.symbol_no, c.entry_fill_no, c.exit_fill_no, c.closed_qty,
                                     c.realized_micros), ';' order by c.close_no)
           from lab.closes as c where c.backtest_id = p_backtest_id),
        (select string_agg(array_to_string(e.equity_micros, ','), ';' order by e.pack_no)
           from lab.curves as e where e.backtest_id = p_backtest_id)));
$function$;

comment on function lab.compute_digest(uuid) is
$$SHA-256 of all that a backtest gave: orders, fills, denials, closed lots and the equity of every tick,
where stops were moved to, what splits made of what was held, and the cash that no fill moved.$$;

create or replace function lab.open_backtest(
    p_dataset_id     uuid,
    p_canonical_json text,
    p_code_sha256    text,
    p_latency_bars   integer,
    p_now_at         timestamptz
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_config jsonb := p_canonical_json::jsonb;
    v_hash   text := run.store_config(p_canonical_json, p_now_at);
    v_code   text := coalesce(
        lab.hash_strategy(v_config #>> '{strategy,strategy_id}'), p_code_sha256);
    v_set    lab.datasets;
    v_test   lab.backtests;
    v_bad    text;
begin
    select d.* into v_set from lab.datasets as d where d.dataset_id = p_dataset_id;
    perform core.assert_that(found, 'MQN80', p_dataset_id::text);
    v_bad := lab.find_bad_action(v_set, v_config, p_now_at);
    perform core.assert_that(v_bad is null, 'MQA80', left(v_bad, 500));
    v_bad := md.find_bad_period(v_config #> '{data,forbid_periods}', v_set.symbols);
    perform core.assert_that(v_bad is null, 'MQA41', v_bad);
    v_bad := lab.find_obstacle(v_set, v_config, p_now_at);
    perform core.assert_that(v_bad is null, 'MQS88', left(v_bad, 500));
    v_test.backtest_id := core.derive_id('backtest', array[p_dataset_id::text, v_hash, v_code]
                                                || nullif(p_latency_bars, 0)::text);
    insert into lab.backtests (
        backtest_id, dataset_id, config_hash, strategy_id, code_sha256, parameters, initial_cash_micros,
        latency_bars, backtest_status, created_by, created_at)
    values (v_test.backtest_id, p_dataset_id, v_hash, v_config #>> '{strategy,strategy_id}', v_code,
            v_config #> '{strategy,parameters}', core.parse_micros(v_config #>> '{broker,initial_cash}'),
            p_latency_bars, 'CREATED', audit.get_actor(), p_now_at)
    on conflict (backtest_id) do nothing;
    select b.* into strict v_test from lab.backtests as b where b.backtest_id = v_test.backtest_id;
    return v_test;
end;
$function$;

comment on function lab.open_backtest(uuid, text, text, integer, timestamptz) is
$$Opens the backtest of a config, in canonical json, on a dataset: the same two, with the same code of the
strategy, are the same backtest. p_code_sha256: the digest of a strategy outside the database; a SQL
strategy's is read from the catalog. p_latency_bars: how many bars pass an order by before it can trade, 0
but in a stress test.
Raises: MQN80 no such dataset; MQA80 a rule that a backtest cannot follow yet; MQA41 a
forbidden period that cannot be read; MQS88 bars on which a run would halt.$$;

create or replace function lab.read_wish(
    p_signal jsonb
)
returns jsonb
language sql
immutable
parallel safe
return case
    when jsonb_typeof(p_signal) <> 'array' then null
    when jsonb_array_length(p_signal) not in (4, 7) then null
    when p_signal -> 4 is null then p_signal -> 3
    else jsonb_build_object('qty', p_signal -> 3, 'order_type', p_signal -> 4,
                            'limit_price_micros', p_signal -> 5, 'stop_price_micros', p_signal -> 6) end;

comment on function lab.read_wish(jsonb) is
$$What a signal [tick, symbol, kind, amount] or [..., amount, order type, limit price, stop price] wants, in
the form of strat.parse_target; null for any other.$$;

create or replace function lab.store_signals(
    p_backtest lab.backtests,
    p_signals  jsonb
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_set   lab.datasets;
    v_bad   text;
    v_count integer;
begin
    perform core.assert_that(jsonb_typeof(p_signals) = 'array', 'MQA05', jsonb_typeof(p_signals));
    select d.* into strict v_set from lab.datasets as d where d.dataset_id = p_backtest.dataset_id;
    select s.value::text into v_bad
      from jsonb_array_elements(p_signals) as s
     where not coalesce(
               (s.value ->> 0)::integer between 1 and v_set.ticks and s.value ->> 1 = any (v_set.symbols)
               and s.value ->> 2 in ('SHARES', 'WEIGHT', 'KEEP')
               and (strat.parse_target(lab.read_wish(s.value))).target_qty is not null, false)
     limit 1;
    perform core.assert_that(v_bad is null, 'MQA82', v_bad);
    insert into lab.signals (
        backtest_id, tick_no, symbol_no, signal_kind, amount, limit_price_micros, stop_price_micros)
    select p_backtest.backtest_id, (s.value ->> 0)::integer,
           array_position(v_set.symbols, s.value ->> 1), s.value ->> 2, w.target_qty,
           w.limit_price_micros, w.stop_price_micros
      from jsonb_array_elements(p_signals) as s
     cross join lateral strat.parse_target(lab.read_wish(s.value)) as w;
    get diagnostics v_count = row_count;
    return v_count;
end;
$function$;

comment on function lab.store_signals(lab.backtests, jsonb) is
$$Writes signals [[tick from 1, symbol, SHARES | WEIGHT | KEEP, amount, order type, limit, stop], ...],
the last three may be left out together, and gives how many.
Raises: MQA05; MQA82 one that names no tick or symbol of the dataset, or prices that its order type has
not; 23505 two for one tick and symbol.$$;

create or replace function lab.post_signals(
    p_backtest_id uuid,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns lab.signal_sets
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test lab.backtests;
    v_set  lab.signal_sets;
    v_hash text := core.hash_text(p_signals::text);
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id for update;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    perform core.assert_that(
        lab.hash_strategy(v_test.strategy_id) is null, 'MQS80', v_test.strategy_id || ' is SQL');
    select s.* into v_set from lab.signal_sets as s where s.backtest_id = p_backtest_id;
    if found then
        perform core.assert_that(v_set.signals_sha256 = v_hash, 'MQS80', v_hash);
        return v_set;
    end if;
    perform core.assert_that(
        v_test.backtest_status = 'CREATED', 'MQS80', v_test.backtest_status);
    insert into lab.signal_sets (backtest_id, signals, signals_sha256, given_by, given_at)
    values (p_backtest_id, lab.store_signals(v_test, p_signals), v_hash, audit.get_actor(), p_now_at)
    returning * into v_set;
    return v_set;
end;
$function$;

comment on function lab.post_signals(uuid, jsonb, timestamptz) is
$$Takes the signals of a strategy outside the database, once: the same again changes nothing.
Raises: MQN81; MQS80 others were given, the backtest has ended, or the strategy is SQL; MQA05; MQA82.$$;

create or replace function lab.assert_signals(
    p_backtest lab.backtests
)
returns void
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.assert_that(
               lab.hash_strategy(p_backtest.strategy_id) is not null
               or exists (select from lab.signal_sets as s where s.backtest_id = p_backtest.backtest_id),
               'MQS81', p_backtest.strategy_id);
$function$;

comment on function lab.assert_signals(lab.backtests) is
$$Refuses a backtest whose strategy is not SQL and has not given its signals.
Why: nothing given is no answer; it is not "wants nothing".
Raises: MQS81.$$;

create or replace function lab.run_backtest(
    p_backtest_id uuid,
    p_id_base     uuid,
    p_now_at      timestamptz
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test   lab.backtests;
    v_config jsonb;
    v_terms  lab.terms;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id for update;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    if v_test.backtest_status <> 'CREATED' then
        return v_test;
    end if;
    select c.config into strict v_config from run.configs as c where c.config_hash = v_test.config_hash;
    perform lab.signal_by_name(v_test);
    v_terms := row(
        v_config #>> '{engine,engine_id}', v_config #>> '{broker,account_id}', v_test.strategy_id,
        coalesce(p_id_base, lab.derive_rehearsal_run(v_test)), v_config #>> '{execution,fill_profile}',
        v_config #>> '{execution,slippage_bps}', v_config #>> '{execution,volatility_mult_bps}',
        v_config #>> '{execution,max_slippage_bps}', v_config #>> '{execution,fee_per_share_micros}',
        v_config #>> '{execution,fee_bps}', v_config #>> '{execution,participation_bps}',
        v_config #>> '{execution,split_above_qty}',
        (v_config #>> '{data,stale_data_threshold_seconds}')::bigint * 1000,
        v_test.latency_bars, v_config #>> '{strategy,protective_stop_bps}')::lab.terms;
    v_test := lab.run_kernel(
        v_test,
        risk.compute_limits(p_backtest_id, v_test.initial_cash_micros, v_config -> 'risk'),
        v_terms);
    perform lab.match_fills(v_test, v_terms);
    update lab.backtests as b
       set backtest_status = v_test.backtest_status, halt_reason = v_test.halt_reason,
           halted_at = v_test.halted_at, ticks = v_test.ticks, orders = v_test.orders,
           fills = v_test.fills, cash_micros = v_test.cash_micros, equity_micros = v_test.equity_micros,
           digest = lab.compute_digest(p_backtest_id)
     where b.backtest_id = p_backtest_id
    returning b.* into v_test;
    perform audit.append_desk_event(
        'LAB', 'BACKTEST_ENDED', to_jsonb(v_test) - array['created_at', 'created_by'], p_now_at);
    return v_test;
end;
$function$;

comment on function lab.run_backtest(uuid, uuid, timestamptz) is
$$Runs an opened backtest to its end, in one transaction, and gives its result; one that ended is given
as it is. p_id_base: the run whose order names break ties; null: its rehearsal's.
Raises: MQN81 no such backtest.$$;

create or replace function lab.poison_values(
    p_values     bigint[],
    p_first_tick integer,
    p_ticks      integer,
    p_cut_tick   integer,
    p_poison     text
)
returns bigint[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(
               case when x.tick <= p_cut_tick then v.value
                    when p_poison = 'UP' or p_poison = 'ODD' and x.symbol % 2 = 1
                         or p_poison = 'EVEN' and x.symbol % 2 = 0
                    then v.value * (8000 + x.noise) / 1000 + 1
                    else v.value * (50 + x.noise) / 1000 + 1 end
               order by v.nth)
      from unnest(p_values) with ordinality as v (value, nth)
      cross join lateral (
        select (v.nth - 1) / p_ticks + 1 as symbol, p_first_tick + (v.nth - 1) % p_ticks as tick,
               ((p_first_tick + (v.nth - 1) % p_ticks) * 7919 + (v.nth - 1) / p_ticks * 104729) % 97
               as noise) as x;
$function$;

comment on function lab.poison_values(bigint[], integer, integer, integer, text) is
$$Values of a pack (symbol by symbol, p_ticks each) with another future after p_cut_tick: eight times as
high (UP) or a tenth (DOWN), uneven from bar to bar; ODD raises every other symbol and sinks the rest, EVEN
the other way round. A missing bar stays missing; open, high, low and close keep their order.$$;

create or replace function lab.poison_dataset(
    p_dataset_id uuid,
    p_cut_tick   integer,
    p_poison     text
)
returns setof lab.packs
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.derive_id('poisoned', array[p_dataset_id::text, p_cut_tick::text, p_poison]),
           k.pack_no, k.first_tick, k.ends_at, k.sessions, k.ends_session, k.is_complete,
           case when x.is_past then k.opens
                else lab.poison_values(k.opens, k.first_tick, x.n, p_cut_tick, p_poison) end,
           case when x.is_past then k.highs
                else lab.poison_values(k.highs, k.first_tick, x.n, p_cut_tick, p_poison) end,
           case when x.is_past then k.lows
                else lab.poison_values(k.lows, k.first_tick, x.n, p_cut_tick, p_poison) end,
           case when x.is_past then k.closes
                else lab.poison_values(k.closes, k.first_tick, x.n, p_cut_tick, p_poison) end,
           case when x.is_past then k.volumes
                else lab.poison_values(k.volumes, k.first_tick, x.n, p_cut_tick, p_poison) end
      from lab.packs as k
     cross join lateral (select cardinality(k.ends_at) as n,
                                p_poison is null or k.first_tick + cardinality(k.ends_at) - 1 <= p_cut_tick
                                as is_past) as x
     where k.dataset_id = p_dataset_id;
$function$;

comment on function lab.poison_dataset(uuid, integer, text) is
$$The packs of a dataset with another future after a tick; with p_poison null as they are.$$;

create or replace function lab.find_window_start(
    p_dataset_id uuid,
    p_symbol_no  integer,
    p_tick_no    integer,
    p_limit      integer
)
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_pack record;
    v_left integer := p_limit;
begin
    for v_pack in
        select k.first_tick, cardinality(k.ends_at) as ticks, k.volumes
          from lab.packs as k
         where k.dataset_id = p_dataset_id and k.first_tick <= p_tick_no
         order by k.pack_no desc
    loop
        for n in reverse least(v_pack.ticks, p_tick_no - v_pack.first_tick + 1)..1 loop
            v_left := v_left - (v_pack.volumes[(p_symbol_no - 1) * v_pack.ticks + n] is not null)::integer;
            if v_left <= 0 then
                return v_pack.first_tick + n - 1;
            end if;
        end loop;
    end loop;
    return 1;
end;
$function$;

comment on function lab.find_window_start(uuid, integer, integer, integer) is
$$The tick of the first of the last p_limit bars that a dataset has of a symbol up to a tick; 1 if there are
fewer.$$;

create or replace function lab.list_spans(
    p_backtest lab.backtests,
    p_splits   lab.splits[]
)
returns table (
    symbol     text,
    symbol_no  integer,
    from_tick  integer,
    first_tick integer,
    last_tick  integer
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with epochs as (
        select e.from_tick, lead(e.from_tick, 1, d.ticks + 1) over (order by e.from_tick) - 1 as last_tick
          from lab.datasets as d
         cross join (select 1 as from_tick union select s.tick_no from unnest(p_splits) as s) as e
         where d.dataset_id = (p_backtest).dataset_id
    )
    select s.symbol, s.nth::integer, e.from_tick,
           case when e.from_tick = 1 then 1
                else lab.find_window_start(d.dataset_id, s.nth::integer, e.from_tick - 1, (
                         select (c.config #>> '{strategy,window_bars}')::integer from run.configs as c
                          where c.config_hash = (p_backtest).config_hash)) end,
           e.last_tick
      from lab.datasets as d
     cross join unnest(d.symbols) with ordinality as s (symbol, nth)
     cross join epochs as e
     where d.dataset_id = (p_backtest).dataset_id;
$function$;

comment on function lab.list_spans(lab.backtests, lab.splits[]) is
$$From split to split, what bars of each symbol a strategy is shown: its decisions are those of from_tick to
last_tick, and its windows reach back to first_tick.$$;

create or replace function lab.list_split_bars(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text
)
returns table (
    symbol     text,
    from_tick  integer,
    first_tick integer,
    opens      bigint[],
    highs      bigint[],
    lows       bigint[],
    closes     bigint[],
    volumes    bigint[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with g as materialized (
        select b as test, (select array_agg(s) from lab.list_shown_splits(b, p_cut_tick, p_poison) as s)
               as splits
          from lab.backtests as b where b.backtest_id = p_backtest_id
    ), spans as materialized (
        select s.* from g cross join lateral lab.list_spans(g.test, g.splits) as s
         where g.splits is not null
    ), factors as materialized (
        select e.from_tick as epoch, f.* from g
         cross join (select distinct s.from_tick from spans as s) as e
         cross join lateral lab.list_split_factors(g.splits, e.from_tick) as f
    ), cells as (
        select s.symbol_no, s.symbol, s.from_tick, s.first_tick, k.first_tick + x.low + u.nth - 2 as tick,
               u.*
          from g
         cross join lateral lab.poison_dataset((g.test).dataset_id, p_cut_tick, p_poison) as k
          join spans as s
            on s.first_tick < k.first_tick + cardinality(k.ends_at) and s.last_tick >= k.first_tick
         cross join lateral (
            select greatest(s.first_tick - k.first_tick, 0) + 1 as low,
                   least(s.last_tick - k.first_tick + 1, cardinality(k.ends_at)) as high,
                   (s.symbol_no - 1) * cardinality(k.ends_at) as base) as x
         cross join lateral unnest(
               k.opens[x.base + x.low : x.base + x.high], k.highs[x.base + x.low : x.base + x.high],
               k.lows[x.base + x.low : x.base + x.high], k.closes[x.base + x.low : x.base + x.high],
               k.volumes[x.base + x.low : x.base + x.high])
               with ordinality as u (o, h, l, c, v, nth)
    )
    select c.symbol, c.from_tick, c.first_tick,
           array_agg(lab.restate(c.o, f.price_num, f.price_den) order by c.tick),
           array_agg(lab.restate(c.h, f.price_num, f.price_den) order by c.tick),
           array_agg(lab.restate(c.l, f.price_num, f.price_den) order by c.tick),
           array_agg(lab.restate(c.c, f.price_num, f.price_den) order by c.tick),
           array_agg(coalesce(round(c.v * f.price_den / f.price_num)::bigint, c.v) order by c.tick)
      from cells as c
      left join factors as f
        on f.epoch = c.from_tick and f.symbol_no = c.symbol_no
       and c.tick >= f.from_tick and c.tick < f.until_tick
     group by c.symbol_no, c.symbol, c.from_tick, c.first_tick
     order by c.from_tick, c.symbol_no;
$function$;

comment on function lab.list_split_bars(uuid, integer, text) is
$$What lab.list_bars gives where splits are shown: from each split on a row more a symbol, in the shares of
then, from the tick on to which a window reaches back. No row: there is no split.$$;

create or replace function lab.list_bars(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text
)
returns table (
    symbol     text,
    from_tick  integer,
    first_tick integer,
    opens      bigint[],
    highs      bigint[],
    lows       bigint[],
    closes     bigint[],
    volumes    bigint[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select w.symbol, 1, 1, w.opens, w.highs, w.lows, w.closes, w.volumes
      from (
        select s.symbol, s.symbol_no, array_agg(u.o order by k.pack_no, u.nth) as opens,
               array_agg(u.h order by k.pack_no, u.nth) as highs,
               array_agg(u.l order by k.pack_no, u.nth) as lows,
               array_agg(u.c order by k.pack_no, u.nth) as closes,
               array_agg(u.v order by k.pack_no, u.nth) as volumes
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
         cross join unnest(d.symbols) with ordinality as s (symbol, symbol_no)
         cross join lateral lab.poison_dataset(d.dataset_id, p_cut_tick, p_poison) as k
         cross join lateral (
            select (s.symbol_no::integer - 1) * cardinality(k.ends_at) + 1 as low,
                   s.symbol_no::integer * cardinality(k.ends_at) as high) as x
         cross join lateral unnest(
               k.opens[x.low : x.high], k.highs[x.low : x.high], k.lows[x.low : x.high],
               k.closes[x.low : x.high], k.volumes[x.low : x.high])
               with ordinality as u (o, h, l, c, v, nth)
         where b.backtest_id = p_backtest_id
           and not exists (select from lab.list_shown_splits(b, p_cut_tick, p_poison))
         group by s.symbol_no, s.symbol
         order by s.symbol_no) as w
     union all
    select f.symbol, f.from_tick, f.first_tick, f.opens, f.highs, f.lows, f.closes, f.volumes
      from lab.list_split_bars(p_backtest_id, p_cut_tick, p_poison) as f;
$function$;

comment on function lab.list_bars(uuid, integer, text) is
$$All bars of a backtest's dataset, one row a symbol, one value a tick, null where there is none; with
p_poison another future after p_cut_tick. From each split on (from_tick) a row more a symbol, in the shares
of then (lab.list_split_bars).
Why: before the split nobody could see its shares.$$;

create or replace function lab.list_ticks(
    p_backtest_id uuid
)
returns table (
    tick_no     integer,
    session_on  date,
    bar_end_at  timestamptz,
    is_complete boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select k.first_tick + u.nth::integer - 1, s.session_on, u.at, u.is_complete
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
      join lab.packs as k using (dataset_id)
     cross join lateral unnest(k.ends_at, k.is_complete) with ordinality as u (at, is_complete, nth)
      join ref.sessions as s
        on s.exchange_id = d.exchange_id and s.opens_at < u.at and s.closes_at >= u.at
       and s.session_on between (u.at at time zone 'UTC')::date - 2
                            and (u.at at time zone 'UTC')::date + 1  -- by the index
     where b.backtest_id = p_backtest_id
     order by 1;
$function$;

comment on function lab.list_ticks(uuid) is
$$The ticks of a backtest's dataset: when each ends, in which session, and whether every bar is there.$$;

create or replace function lab.open_trial(
    p_base     lab.backtests,
    p_cut_tick integer,
    p_poison   text,
    p_signals  jsonb
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test lab.backtests := p_base;
begin
    v_test.backtest_id := core.derive_id('trial', array[
        p_base.backtest_id::text, p_cut_tick::text, p_poison]);
    v_test.backtest_status := 'CREATED';
    v_test.halt_reason := null;
    v_test.halted_at := null;
    v_test.ticks := null;
    v_test.orders := null;
    v_test.fills := null;
    v_test.cash_micros := null;
    v_test.equity_micros := null;
    v_test.digest := null;
    if p_poison is not null then
        v_test.dataset_id := core.derive_id('poisoned', array[
            p_base.dataset_id::text, p_cut_tick::text, p_poison]);
        insert into lab.datasets
        select v_test.dataset_id, d.exchange_id, d.timeframe, d.symbols, d.from_on, d.to_on, d.ticks,
               d.bars, core.hash_text(v_test.dataset_id::text), d.frozen_by, d.frozen_at
          from lab.datasets as d where d.dataset_id = p_base.dataset_id;
        insert into lab.splits
        select s.* from lab.poison_splits(p_base.dataset_id, p_cut_tick, p_poison) as s;
        insert into lab.packs
        select k.* from lab.poison_dataset(p_base.dataset_id, p_cut_tick, p_poison) as k;
    end if;
    insert into lab.backtests select v_test.*;
    if p_signals is not null then
        perform lab.store_signals(v_test, p_signals);
    end if;
    return v_test;
end;
$function$;

comment on function lab.open_trial(lab.backtests, integer, text, jsonb) is
$$Opens a copy of a backtest, with another future if p_poison says so, and with p_signals, if given.
Raises: MQA05; MQA82.$$;

create or replace function lab.list_facts(
    p_backtest_id uuid,
    p_tick_no     integer
)
returns table (
    tick_no integer,
    kind    text,
    place   integer,
    fact    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.tick_no, '1 signal', s.symbol_no, concat_ws(' ', s.symbol_no, s.signal_kind, s.amount,
           'limit ' || s.limit_price_micros, 'stop ' || s.stop_price_micros)
      from lab.signals as s where s.backtest_id = p_backtest_id and s.tick_no <= p_tick_no
     union all
    select o.tick_no, '2 order', o.order_no, concat_ws(' ', o.symbol_no, o.leg, o.order_qty,
           case o.leg when 'TARGET' then 'stop ' || o.stop_price_micros end,
           'limit ' || o.limit_price_micros)
      from lab.orders as o where o.backtest_id = p_backtest_id and o.tick_no <= p_tick_no
     union all
    select n.tick_no, '3 denial', n.symbol_no, concat_ws(' ', n.symbol_no, n.order_qty, n.rule)
      from lab.denials as n where n.backtest_id = p_backtest_id and n.tick_no <= p_tick_no
     union all
    select f.tick_no, '4 fill', f.fill_no,
           concat_ws(' ', f.order_no, f.fill_qty, f.price_micros, f.fee_micros)
      from lab.fills as f where f.backtest_id = p_backtest_id and f.tick_no <= p_tick_no
     union all
    select a.tick_no, '4 split', a.symbol_no, concat_ws(' ', a.held_qty, a.new_qty, a.cash_micros)
      from lab.adjustments as a where a.backtest_id = p_backtest_id and a.tick_no <= p_tick_no
     union all
    select c.pack_no * 512 + e.nth::integer, '5 equity', 0, e.value::text
      from lab.curves as c
     cross join lateral unnest(c.equity_micros) with ordinality as e (value, nth)
     where c.backtest_id = p_backtest_id and c.pack_no * 512 + e.nth <= p_tick_no;
$function$;

comment on function lab.list_facts(uuid, integer) is
$$What a backtest had decided and what had become of it up to a tick. An order counts as it was given: what
became of it later does not belong here.$$;

create or replace function lab.find_difference(
    p_backtest_id uuid,
    p_trial_id    uuid,
    p_tick_no     integer
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('tick %s, %s: %s; with another future: %s', tick_no, substr(kind, 3),
                  coalesce(a.fact, 'none'), coalesce(b.fact, 'none'))
      from lab.list_facts(p_backtest_id, p_tick_no) as a
      full join lab.list_facts(p_trial_id, p_tick_no) as b using (tick_no, kind, place)
     where a.fact is distinct from b.fact
     order by tick_no, kind, place
     limit 1;
$function$;

comment on function lab.find_difference(uuid, uuid, integer) is
$$The first thing up to a tick that two backtests did not do alike; null: nothing. Symbols and orders by
their numbers, money in micros.$$;

create or replace function lab.try_backtest(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns lab.trial
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_base  lab.backtests;
    v_id    uuid;
    v_trial lab.trial;
begin
    select b.* into v_base from lab.backtests as b where b.backtest_id = p_backtest_id;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    begin
        v_id := (lab.open_trial(v_base, p_cut_tick, p_poison, p_signals)).backtest_id;
        perform lab.run_backtest(v_id, p_backtest_id, p_now_at);
        v_trial.equity_micros := array(
            select e.value
              from lab.curves as c
             cross join lateral unnest(c.equity_micros) with ordinality as e (value, nth)
             where c.backtest_id = v_id order by c.pack_no, e.nth);
        select array_agg(f.tick_no), array_agg(f.symbol_no), array_agg(f.fill_qty)
          into v_trial.fill_ticks, v_trial.fill_symbols, v_trial.fill_qtys
          from (select g.tick_no, g.symbol_no, g.fill_qty, g.fill_no from lab.fills as g
                 where g.backtest_id = v_id
                 union all
                select a.tick_no, a.symbol_no, a.new_qty - a.held_qty, 0 from lab.adjustments as a
                 where a.backtest_id = v_id
                 order by 1, 4) as f;
        v_trial.difference := lab.find_difference(p_backtest_id, v_id, p_cut_tick);
        raise sqlstate 'LAB00';
    exception
        when sqlstate 'LAB00' then null;  -- nothing of a trial is kept but what it gave
    end;
    return v_trial;
end;
$function$;

comment on function lab.try_backtest(uuid, integer, text, jsonb, timestamptz) is
$$Runs a copy of a backtest, with another future after p_cut_tick or with other signals, and undoes it:
gives its equity, its fills and what splits made of what was held, and the first difference to the backtest
up to p_cut_tick.
Raises: MQN81; MQA05; MQA82.$$;

create or replace function lab.list_cuts(
    p_backtest_id uuid,
    p_cuts        integer,
    p_seed        integer
)
returns setof integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with acts as (
        select array_agg(distinct f.tick_no order by f.tick_no) as ticks
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
         cross join lateral lab.list_facts(b.backtest_id, least(b.ticks, d.ticks - 1)) as f
         where b.backtest_id = p_backtest_id and f.kind in ('1 signal', '2 order', '3 denial')
    )
    select distinct case when n % 2 = 1 and a.ticks is not null
                then a.ticks[1 + h.number % cardinality(a.ticks)]
                else 1 + h.number % least(b.ticks, d.ticks - 1) end
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
     cross join acts as a
     cross join generate_series(1, p_cuts) as n
     cross join lateral (
        select ('x' || left(core.hash_text(concat_ws(',', p_seed, n)), 7))::bit(28)::integer as number) as h
     where b.backtest_id = p_backtest_id and d.ticks > 1
     order by 1;
$function$;

comment on function lab.list_cuts(uuid, integer, integer) is
$$Ticks after which the future of a backtest is changed to prove that nobody looked: at most p_cuts, every
second one where the backtest decided something, the same for the same seed.$$;

create or replace function lab.list_time_faults(
    p_backtest_id uuid
)
returns table (
    tick_no integer,
    fault   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with t as (
        select b.*, c.config, d.symbols
          from lab.backtests as b join lab.datasets as d using (dataset_id)
          join run.configs as c using (config_hash)
         where b.backtest_id = p_backtest_id
    ), ticks as (
        select row_number() over (order by k.pack_no, u.nth) as seen, u.at,
               k.first_tick + u.nth::integer - 1 as tick_no,
               lag(u.at) over (order by k.pack_no, u.nth) as before_at, u.is_complete
          from t join lab.packs as k using (dataset_id)
         cross join lateral unnest(k.ends_at, k.is_complete) with ordinality as u (at, is_complete, nth)
    ), bars as (
        select f.fill_no, f.tick_no, f.fill_qty, f.price_micros, o.tick_no as given_tick,
               o.limit_price_micros,
               coalesce(case o.leg when 'STOP' then (
                   select m.stop_price_micros from lab.moved_stops as m
                    where m.backtest_id = f.backtest_id and m.order_no = f.order_no
                      and m.tick_no < f.tick_no
                    order by m.move_no desc limit 1) end, o.stop_price_micros) as stop_price_micros,
               k.opens[x.cell] as o, k.highs[x.cell] as h, k.lows[x.cell] as l, k.closes[x.cell] as c
          from t join lab.fills as f using (backtest_id) join lab.orders as o using (backtest_id, order_no)
          join lab.packs as k on k.dataset_id = t.dataset_id and k.pack_no = (f.tick_no - 1) / 512
         cross join lateral (select (f.symbol_no - 1) * cardinality(k.ends_at)
                                    + f.tick_no - k.first_tick + 1 as cell) as x
    )
    select b.tick_no, format('fill %s is in the bar of its order or before', b.fill_no)
      from bars as b where b.tick_no <= b.given_tick
     union all
    select b.tick_no, format('fill %s has not the price of its bar', b.fill_no)
      from bars as b cross join t
     cross join lateral sim.compute_slippage_bps(
           b.h, b.l, b.c, (t.config #>> '{execution,slippage_bps}')::integer,
           (t.config #>> '{execution,volatility_mult_bps}')::integer,
           (t.config #>> '{execution,max_slippage_bps}')::integer) as s (slippage_bps)
     where not exists (  -- with its stop, or once that was triggered
           select from unnest(array[b.stop_price_micros, null]) as u (stop_price_micros)
            where b.price_micros = sim.compute_fill_price(
                  t.config #>> '{execution,fill_profile}', b.fill_qty, b.limit_price_micros,
                  u.stop_price_micros, b.o, b.h, b.l, s.slippage_bps))
     union all
    select k.tick_no, 'a tick does not follow the one before it'
      from ticks as k where k.tick_no <> k.seen or k.at <= k.before_at
     union all
    select o.tick_no, format('order %s was given on a bar that was not complete', o.order_no)
      from t join lab.orders as o using (backtest_id) join ticks as k using (tick_no)
     where o.leg = 'TARGET' and not k.is_complete;
$function$;

comment on function lab.list_time_faults(uuid) is
$$Where a backtest breaks the rules of time: a fill comes after the bar of its order and has the price of
its own bar; ticks follow each other; nothing is decided on a bar that is not complete. No row: nowhere.$$;

create or replace function lab.list_window_faults(
    p_backtest_id uuid,
    p_tick_no     integer
)
returns table (
    tick_no integer,
    fault   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with cells as (
        select s.symbol, s.nth::integer as symbol_no, b.dataset_id,
               k.ends_at[p_tick_no - k.first_tick + 1] as at,
               k.volumes[(s.nth - 1) * cardinality(k.ends_at) + p_tick_no - k.first_tick + 1] is not null
               as is_there
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
         cross join unnest(d.symbols) with ordinality as s (symbol, nth)
          join lab.packs as k on k.dataset_id = d.dataset_id and k.pack_no = (p_tick_no - 1) / 512
         where b.backtest_id = p_backtest_id
    ), windows as (
        select c.*, array(select w.ends_at from lab.list_bars_until(
                                 c.dataset_id, c.symbol_no, p_tick_no,
                                 100 + c.is_there::integer) as w) as seen,
               array(select w.ends_at from lab.list_bars_until(
                            c.dataset_id, c.symbol_no, p_tick_no - 1, 100) as w) as before
          from cells as c
    )
    select p_tick_no, format('the last bar shown of %s is not that of the tick', w.symbol)
      from windows as w where w.is_there and w.seen[1] is distinct from w.at
     union all
    select p_tick_no, format('the window of %s does not grow by one bar', w.symbol)
      from windows as w
     where w.seen is distinct from
           case when w.is_there then array_prepend(w.at, w.before) else w.before end;
$function$;

comment on function lab.list_window_faults(uuid, integer) is
$$Where the last hundred bars shown at a tick are not those of the tick before and the tick's own bar. No
row: nowhere.$$;

create or replace function lab.list_reach_faults(
    p_strategy_id text
)
returns table (
    tick_no integer,
    fault   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 0, format('%s names %s', f.name, m.found[1])
      from (values ('strat.decide_' || p_strategy_id, lab.find_strategy('strat', p_strategy_id)::oid,
                    '\m(?:audit|ref|run|md|ledger|pager|sim|risk|strat|oms|recon|lab|ops|inv|replay|io|api'
                    '|pg_catalog|information_schema)\s*\.|\mexecute\M|\mpg_[a-z_]+|\mdblink'),
                   ('lab.signal_' || p_strategy_id, lab.find_strategy('lab', p_strategy_id)::oid,
                    '\m(?:audit|ref|run|md|ledger|pager|sim|risk|strat|oms|recon|ops|inv|replay|io|api'
                    '|pg_catalog|information_schema)\s*\.|\mexecute\M|\mpg_[a-z_]+|\mdblink'))
           as f (name, room_function, forbidden)
      join pg_proc as p on p.oid = f.room_function
     cross join lateral regexp_matches(
           coalesce(nullif(p.prosrc, ''), pg_get_function_sqlbody(p.oid)), f.forbidden, 'i')
           as m (found);
$function$;

comment on function lab.list_reach_faults(text) is
$$What a SQL strategy names that it has no business with: a strategy is told what it may see.
strat.decide_<id> may name no room but core, lab.signal_<id> may read the dataset in lab.
Why: the store and the clock stand where a changed future does not reach. No row: nothing.$$;

create or replace function lab.record_trial(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns lab.trials
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test  lab.backtests;
    v_trial lab.trials;
begin
    perform core.assert_that(
        num_nulls(p_backtest_id, p_cut_tick, p_poison, p_now_at) = 0, 'MQA01',
        'backtest_id, cut_tick, poison, now_at');
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    perform core.assert_that(v_test.backtest_status <> 'CREATED', 'MQS82', p_backtest_id::text);
    perform core.assert_that(
        lab.hash_strategy(v_test.strategy_id) is not distinct from
        case when p_signals is null then v_test.code_sha256 end, 'MQS82', 'another code');
    select t.* into v_trial from lab.trials as t
     where t.backtest_id = p_backtest_id and t.cut_tick = p_cut_tick and t.poison = p_poison;
    if found then
        return v_trial;
    end if;
    insert into lab.trials (backtest_id, cut_tick, poison, difference, tried_by, tried_at)
    values (p_backtest_id, p_cut_tick, p_poison,
            (lab.try_backtest(p_backtest_id, p_cut_tick, p_poison, p_signals, p_now_at)).difference,
            audit.get_actor(), p_now_at)
    returning * into v_trial;
    return v_trial;
end;
$function$;

comment on function lab.record_trial(uuid, integer, text, jsonb, timestamptz) is
$$Runs a backtest that has ended again with another future after p_cut_tick and keeps what was different up
to there. A strategy outside the database gives what it wants of that future in p_signals, a SQL one
nothing.
Raises: MQA01; MQN81; MQS82 it has not ended, or is not of the code that is there; 23514 no such poison.$$;

create or replace function lab.find_violation(
    p_backtest_id uuid,
    p_cuts        integer[]
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select v.fault
      from (select f.tick_no, 1 as rank, f.fault
              from lab.backtests as b
             cross join lateral lab.list_reach_faults(b.strategy_id) as f
             where b.backtest_id = p_backtest_id
             union all
            select f.tick_no, 2, format('tick %s: %s', f.tick_no, f.fault)
              from lab.list_time_faults(p_backtest_id) as f
             union all
            select f.tick_no, 3, format('tick %s: %s', f.tick_no, f.fault)
              from unnest(p_cuts) as c
             cross join lateral lab.list_window_faults(p_backtest_id, c) as f
             union all
            select t.cut_tick, 4, format('cut after tick %s, future %s: %s', t.cut_tick, t.poison,
                                         t.difference)
              from lab.trials as t
             where t.backtest_id = p_backtest_id and t.difference is not null) as v
     order by v.rank, v.tick_no, v.fault
     limit 1;
$function$;

comment on function lab.find_violation(uuid, integer[]) is
$$The first thing by which a backtest looked ahead: what its strategy reaches for, the rules of time, the
windows at the cuts, every trial of it. Null: nothing.$$;

create or replace function lab.prove_lookahead(
    p_backtest_id uuid,
    p_cuts        integer,
    p_seed        integer,
    p_now_at      timestamptz
)
returns lab.proofs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test    lab.backtests;
    v_proof   lab.proofs;
    v_cuts    integer[] := array(select lab.list_cuts(p_backtest_id, p_cuts, p_seed));
    v_missing text;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id for update;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    perform core.assert_that(v_test.backtest_status <> 'CREATED', 'MQS82', p_backtest_id::text);
    perform core.assert_that(p_cuts between 1 and 100, 'MQA02', 'cuts in 1..100');
    select p.* into v_proof from lab.proofs as p
     where p.backtest_id = p_backtest_id and p.cuts = p_cuts and p.seed = p_seed;
    if found then
        return v_proof;
    end if;
    select coalesce(string_agg(format('%s after tick %s', p.poison, c.cut), ', '),
                    case when v_cuts = '{}' then 'no tick has a future' end)
      into v_missing
      from unnest(v_cuts) as c (cut)
     cross join unnest(array['UP', 'DOWN', 'ODD', 'EVEN']) as p (poison)
     where not exists (select from lab.trials as t
                        where t.backtest_id = p_backtest_id and t.cut_tick = c.cut
                          and t.poison = p.poison);
    perform core.assert_that(v_missing is null, 'MQS83', v_missing);
    v_proof.violation := lab.find_violation(p_backtest_id, v_cuts);
    insert into lab.proofs (
        backtest_id, strategy_id, code_sha256, config_hash, data_sha256, cuts, seed, trials, verdict,
        violation, proven_by, proven_at)
    select p_backtest_id, v_test.strategy_id, v_test.code_sha256, v_test.config_hash, d.data_sha256, p_cuts,
           p_seed, (select count(*) from lab.trials as t where t.backtest_id = p_backtest_id),
           case when v_proof.violation is null then 'CLEAN' else 'LOOKAHEAD_VIOLATION' end,
           v_proof.violation, audit.get_actor(), p_now_at
      from lab.datasets as d where d.dataset_id = v_test.dataset_id
    returning * into v_proof;
    perform audit.append_desk_event(
        'LAB', 'LOOKAHEAD_JUDGED', to_jsonb(v_proof) - array['proven_at', 'proven_by'], p_now_at);
    return v_proof;
end;
$function$;

comment on function lab.prove_lookahead(uuid, integer, integer, timestamptz) is
$$Judges whether the strategy of a backtest looked ahead, and keeps the verdict: every cut of the seed has
been tried with every future, and neither they nor the rules of time show anything.
Why: a verdict is about one code, one config and one dataset, by their digests.
Raises: MQN81; MQA02; MQS82 it has not ended; MQS83 a trial is missing.$$;

create or replace function lab.tg_proofs__guard_verdict()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        new.verdict <> 'CLEAN' or not exists (
            select from lab.trials as t
             where t.backtest_id = new.backtest_id and t.difference is not null),
        'MQI82', new.backtest_id::text);
    return new;
end;
$function$;

comment on function lab.tg_proofs__guard_verdict() is
$$Refuses a clean verdict on a backtest of which a trial showed a difference.
Raises: MQI82.$$;

create or replace function lab.list_combinations(
    p_grid jsonb
)
returns setof jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive axes as (
        select g.key, g.value, row_number() over (order by g.key collate "C") as nth
          from jsonb_each(p_grid) as g
    ), made (nth, parameters) as (
        select 0::bigint, '{}'::jsonb
         union all
        select a.nth, m.parameters || jsonb_build_object(a.key, v.value)
          from made as m
          join axes as a on a.nth = m.nth + 1
         cross join lateral jsonb_array_elements(a.value) as v
    )
    select m.parameters from made as m
     where m.nth = (select count(*) from axes)
     order by m.parameters;
$function$;

comment on function lab.list_combinations(jsonb) is
$$Each value of a grid {parameter: [values]} with each of the others.$$;

create or replace function lab.open_sweep(
    p_dataset_id     uuid,
    p_canonical_json text,
    p_grid           jsonb,
    p_now_at         timestamptz
)
returns lab.sweeps
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_config jsonb;
    v_sweep  lab.sweeps;
    v_count  numeric;
begin
    perform core.assert_that(
        num_nulls(p_dataset_id, p_canonical_json, p_grid, p_now_at) = 0, 'MQA01',
        'dataset_id, config, grid, now_at');
    perform core.assert_that(
        exists (select from lab.datasets as d where d.dataset_id = p_dataset_id), 'MQN80',
        p_dataset_id::text);
    v_sweep.config_hash := run.store_config(p_canonical_json, p_now_at);
    v_config := p_canonical_json::jsonb;
    perform core.assert_that(
        jsonb_typeof(p_grid) = 'object' and p_grid <> '{}' and not exists (
            select from jsonb_each(p_grid) as g
             where jsonb_typeof(g.value) <> 'array' or g.value = '[]'
                or not (v_config #> '{strategy,parameters}') ? g.key),
        'MQA85', p_grid::text);
    select round(exp(sum(ln(jsonb_array_length(g.value))))) into v_count from jsonb_each(p_grid) as g;
    perform core.assert_that(v_count <= 10000, 'MQA02', format('%s combinations, of 1..10000', v_count));
    v_sweep.sweep_id := core.derive_id('sweep', array[
        p_dataset_id::text, v_sweep.config_hash, p_grid::text]);
    insert into lab.sweeps (sweep_id, dataset_id, config_hash, grid, jobs, created_by, created_at)
    select v_sweep.sweep_id, p_dataset_id, v_sweep.config_hash, p_grid, count(distinct c),
           audit.get_actor(), p_now_at
      from lab.list_combinations(p_grid) as c
    on conflict (sweep_id) do nothing;
    if found then
        insert into lab.sweep_jobs (sweep_id, job_no, config_hash, parameters, job_status, claim_no)
        select v_sweep.sweep_id, row_number() over (order by c.parameters),
               run.store_config(core.format_canonical_json(jsonb_set(
                   v_config, '{strategy,parameters}',
                   v_config #> '{strategy,parameters}' || c.parameters)), p_now_at),
               c.parameters, 'PENDING', 0
          from (select distinct l as parameters from lab.list_combinations(p_grid) as l) as c;
    end if;
    select s.* into strict v_sweep from lab.sweeps as s where s.sweep_id = v_sweep.sweep_id;
    return v_sweep;
end;
$function$;

comment on function lab.open_sweep(uuid, text, jsonb, timestamptz) is
$$Opens a sweep of a config, in canonical json, over a grid {parameter: [values]}: one job for each value
with each. The same again is the same sweep, as far as it has come.
Raises: MQA01; MQA85 the grid is no list of values of parameters that the config has; MQA02 over 10000
jobs; MQN80; MQA06.$$;

create or replace function lab.claim_sweep_job(
    p_sweep_id      uuid,
    p_worker_name   text,
    p_lease_seconds integer,
    p_now_at        timestamptz
)
returns setof lab.sweep_jobs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        num_nulls(p_worker_name, p_lease_seconds, p_now_at) = 0, 'MQA01',
        'worker_name, lease_seconds, now_at');
    perform core.assert_that(p_lease_seconds between 1 and 86400, 'MQA02', 'lease_seconds in 1..86400');
    with worn as materialized (
        select j.sweep_id, j.job_no from lab.sweep_jobs as j
         where j.job_status = 'CLAIMED' and j.claim_no = 5 and j.expires_at <= p_now_at
           and j.sweep_id = coalesce(p_sweep_id, j.sweep_id)
         order by j.sweep_id, j.job_no
           for update skip locked
    )
    update lab.sweep_jobs as j
       set job_status = 'FAILED', ended_at = p_now_at, failure = 'claimed 5 times and never ended'
      from worn as w
     where (j.sweep_id, j.job_no) = (w.sweep_id, w.job_no);
    return query
    with claimable as materialized (
        select j.sweep_id, j.job_no from lab.sweep_jobs as j
         where j.job_status in ('PENDING', 'CLAIMED')
           and (j.job_status = 'PENDING' or j.expires_at <= p_now_at)
           and j.claim_no < 5
           and j.sweep_id = coalesce(p_sweep_id, j.sweep_id)
         order by j.sweep_id, j.job_no
         limit 1
           for update skip locked
    )
    update lab.sweep_jobs as j
       set job_status = 'CLAIMED', claim_no = j.claim_no + 1, claimed_by = p_worker_name,
           expires_at = p_now_at + make_interval(secs => p_lease_seconds)
      from claimable as c
     where (j.sweep_id, j.job_no) = (c.sweep_id, c.job_no)
    returning j.*;
end;
$function$;

comment on function lab.claim_sweep_job(uuid, text, integer, timestamptz) is
$$Gives one worker one job of a sweep, or of any (null), that nobody has or whose worker has been silent for
its lease; at most five times, then the job has failed. No row: nothing to claim.
Why: SKIP LOCKED gives a job to one worker, and a job that is being ended to none.
Raises: MQA01; MQA02.$$;

create or replace function lab.lock_sweep_job(
    p_sweep_id uuid,
    p_job_no   integer,
    p_claim_no integer
)
returns lab.sweep_jobs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job lab.sweep_jobs;
begin
    select j.* into v_job from lab.sweep_jobs as j
     where j.sweep_id = p_sweep_id and j.job_no = p_job_no
       for update;
    perform core.assert_that(found, 'MQN82', format('%s %s', p_sweep_id, p_job_no));
    perform core.assert_that(
        v_job.claim_no = p_claim_no and v_job.claim_no > 0, 'MQS84',
        format('claim %s, the last is %s', p_claim_no, v_job.claim_no));
    return v_job;
end;
$function$;

comment on function lab.lock_sweep_job(uuid, integer, integer) is
$$Locks and gives a job for the worker that has its last claim.
Raises: MQN82; MQS84 another worker has claimed it since.$$;

create or replace function lab.end_sweep_job(
    p_job         lab.sweep_jobs,
    p_backtest_id uuid,
    p_failure     text,
    p_now_at      timestamptz
)
returns lab.sweep_jobs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job lab.sweep_jobs := p_job;
begin
    if v_job.job_status = 'CLAIMED' then
        update lab.sweep_jobs as j
           set job_status = case when p_failure is null then 'DONE' else 'FAILED' end,
               backtest_id = case when p_failure is null then p_backtest_id end,
               failure = p_failure, ended_at = p_now_at
         where j.sweep_id = v_job.sweep_id and j.job_no = v_job.job_no
        returning j.* into v_job;
    end if;
    return v_job;
end;
$function$;

comment on function lab.end_sweep_job(lab.sweep_jobs, uuid, text, timestamptz) is
$$Ends a job that is claimed and locked, with its backtest or with what refused it; one that has ended stays
as it is.$$;

create or replace function lab.rank_sweep(
    p_sweep_id uuid
)
returns table (
    place         bigint,
    job_no        integer,
    parameters    jsonb,
    job_status    text,
    ended_as      text,
    return_bps    bigint,
    drawdown_bps  bigint,
    fills         integer,
    equity_micros bigint,
    backtest_id   uuid,
    failure       text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row_number() over w, j.job_no, j.parameters, j.job_status, b.backtest_status,
           ((b.equity_micros - b.initial_cash_micros)::numeric * 10000 / b.initial_cash_micros)::bigint,
           (-10000 * lab.compute_max_drawdown_micros(array(
               select e.value from lab.curves as c
               cross join lateral unnest(c.equity_micros) with ordinality as e (value, nth)
                where c.backtest_id = b.backtest_id order by c.pack_no, e.nth)))::bigint,
           b.fills, b.equity_micros, j.backtest_id, coalesce(j.failure, b.halt_reason)
      from lab.sweep_jobs as j
      left join lab.backtests as b using (backtest_id)
     where j.sweep_id = p_sweep_id
    window w as (order by (b.backtest_status = 'COMPLETED') is not true, b.equity_micros desc nulls last,
                          j.job_no)
     order by 1;
$function$;

comment on function lab.rank_sweep(uuid) is
$$The jobs of a sweep by what they earned; those that halted, failed or have not ended come last.
Why: a sweep finds candidates. The best of many is lucky; promotion judges it on other bars.$$;

create or replace function lab.list_sweeps()
returns table (
    sweep_id   uuid,
    dataset_id uuid,
    grid       jsonb,
    jobs       integer,
    done       bigint,
    failed     bigint,
    claimed    bigint,
    pending    bigint,
    created_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.sweep_id, s.dataset_id, s.grid, s.jobs, count(*) filter (where j.job_status = 'DONE'),
           count(*) filter (where j.job_status = 'FAILED'),
           count(*) filter (where j.job_status = 'CLAIMED'),
           count(*) filter (where j.job_status = 'PENDING'), s.created_at
      from lab.sweeps as s join lab.sweep_jobs as j using (sweep_id)
     group by s.sweep_id
     order by s.created_at desc, s.sweep_id;
$function$;

comment on function lab.list_sweeps() is
$$How far each sweep has come, newest first.$$;

create or replace function lab.tg_sweep_jobs__guard_result()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        old.job_status in ('PENDING', 'CLAIMED')
        and (new.sweep_id, new.job_no, new.config_hash, new.parameters)
            = (old.sweep_id, old.job_no, old.config_hash, old.parameters)
        and (new.job_status <> 'DONE' or exists (
            select from lab.backtests as b join lab.sweeps as s on s.sweep_id = new.sweep_id
             where b.backtest_id = new.backtest_id and b.dataset_id = s.dataset_id
               and b.config_hash = new.config_hash and b.backtest_status <> 'CREATED')),
        'MQI83', format('%s %s', old.sweep_id, old.job_no));
    return new;
end;
$function$;

comment on function lab.tg_sweep_jobs__guard_result() is
$$Refuses a change of a job that has ended, and a result that is not the ended backtest of its config on the
dataset of its sweep.
Raises: MQI83.$$;

create or replace function lab.list_acts(
    p_backtest_id uuid
)
returns table (
    kind  text,
    place bigint,
    act   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with t as (
        select b.*, d.symbols from lab.backtests as b join lab.datasets as d using (dataset_id)
         where b.backtest_id = p_backtest_id
    ), ticks as (
        select k.first_tick + (e.nth - 1)::integer as tick_no, e.at
          from t join lab.packs as k using (dataset_id)
         cross join lateral unnest(k.ends_at) with ordinality as e (at, nth)
    )
    select 'order', row_number() over (order by o.order_no),
           format('%s %s %s%s%s, filled %s', case o.leg when 'TARGET' then core.format_iso(k.at)
                                                      else lower(o.leg) end,
                  t.symbols[o.symbol_no], o.order_qty, ' at ' || o.stop_price_micros,
                  ' limit ' || o.limit_price_micros, o.filled_qty)
      from t join lab.orders as o using (backtest_id) join ticks as k using (tick_no)
     union all
    select 'moved stop', m.move_no,
           format('%s %s to %s', core.format_iso(k.at), t.symbols[o.symbol_no], m.stop_price_micros)
      from t join lab.moved_stops as m using (backtest_id)
      join lab.orders as o using (backtest_id, order_no)
      join ticks as k on k.tick_no = m.tick_no
     union all
    select 'cash flow', row_number() over (order by f.flow_no),
           format('%s %s %s', core.format_iso(k.at), t.symbols[f.symbol_no], f.amount_micros)
      from t join lab.flows as f using (backtest_id) join ticks as k using (tick_no)
     union all
    select 'split', row_number() over (order by a.tick_no, a.symbol_no),
           format('%s %s %s for %s, held %s, now %s', core.format_iso(k.at), t.symbols[a.symbol_no],
                  a.ratio_num, a.ratio_den, a.held_qty, a.new_qty)
      from t join lab.adjustments as a using (backtest_id) join ticks as k using (tick_no)
     where a.held_qty <> 0
     union all
    select 'denial', row_number() over (order by n.tick_no, n.symbol_no),
           format('%s %s %s, %s', core.format_iso(k.at), t.symbols[n.symbol_no], n.order_qty, n.rule)
      from t join lab.denials as n using (backtest_id) join ticks as k using (tick_no)
     union all
    select 'fill', row_number() over (order by f.fill_no),
           format('%s %s at %s, fee %s', t.symbols[f.symbol_no], f.fill_qty, f.price_micros, f.fee_micros)
      from t join lab.fills as f using (backtest_id)
     union all
    select 'closed lot', row_number() over (
               order by t.symbols[c.symbol_no] collate "C", c.exit_fill_no, c.entry_fill_no),
           format('%s %s from %s to %s, realised %s', t.symbols[c.symbol_no], c.closed_qty,
                  c.entry_price_micros, c.exit_price_micros, c.realized_micros)
      from t join lab.closes as c using (backtest_id)
     union all
    select 'end', 1, format('cash %s, equity %s, %s', t.cash_micros, t.equity_micros,
                            coalesce('halted ' || core.format_iso(t.halted_at), 'not halted')) from t;
$function$;

comment on function lab.list_acts(uuid) is
$$What a backtest did and how it ended, one line an act, numbered within its kind.$$;

create or replace function lab.list_run_splits(
    p_run_id uuid
)
returns table (
    place bigint,
    act   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row_number() over (order by a.adjustment_seq),
           format('%s %s %s for %s, held %s, now %s', core.format_iso(a.applied_at), a.symbol, s.ratio_num,
                  s.ratio_den, s.held_qty, s.new_qty)
      from ledger.adjustments as a
      join ledger.splits as s using (run_id, adjustment_seq)
      join ledger.positions as p on (p.run_id, p.symbol, p.match_no) = (s.run_id, s.symbol, s.match_no)
     where a.run_id = p_run_id and s.held_qty <> 0;
$function$;

comment on function lab.list_run_splits(uuid) is
$$The splits of what a run held, as its books have them now, in the words of lab.list_acts.$$;

create or replace function lab.list_run_acts(
    p_run_id uuid
)
returns table (
    kind  text,
    place bigint,
    act   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 'order', row_number() over (order by b.outbox_id),
           format('%s %s %s%s%s, filled %s', case i.leg when 'TARGET' then core.format_iso(i.bar_end_at)
                                                      else lower(i.leg) end,
                  o.symbol, o.order_qty, ' at ' || o.stop_price_micros, ' limit ' || o.limit_price_micros,
                  o.cum_qty)
      from oms.orders as o join oms.intents as i using (run_id, intent_id)
      join oms.outbox as b on b.run_id = o.run_id and b.order_id = o.order_id and b.request_kind = 'SUBMIT'
     where o.run_id = p_run_id
     union all
    select 'moved stop', row_number() over (order by b.outbox_id),
           format('%s %s to %s', core.format_iso(b.enqueued_at), o.symbol, b.stop_price_micros)
      from oms.outbox as b join oms.orders as o using (run_id, order_id)
     where b.run_id = p_run_id and b.request_kind = 'REPLACE' and b.outbox_status <> 'FAILED'
     union all
    select 'cash flow', row_number() over (order by e.entry_seq),
           format('%s %s %s', core.format_iso(e.booked_at), e.symbol, e.cash_delta_micros)
      from ledger.entries as e
     where e.run_id = p_run_id and e.entry_kind not in ('DEPOSIT', 'FILL', 'REVERSAL')
       and e.cash_delta_micros <> 0
     union all
    select 'split', s.place, s.act from lab.list_run_splits(p_run_id) as s
     union all
    select 'denial', row_number() over (order by i.bar_end_at, d.symbol collate "C"),
           format('%s %s %s, %s', core.format_iso(i.bar_end_at), d.symbol, d.order_qty, d.rule)
      from risk.decisions as d join oms.intents as i using (run_id, intent_id)
     where d.run_id = p_run_id and d.verdict = 'DENY'
     union all
    select 'fill', row_number() over (order by f.fill_seq),
           format('%s %s at %s, fee %s', f.symbol, f.fill_qty, f.price_micros, f.fee_micros)
      from ledger.fills as f
     where f.run_id = p_run_id
     union all
    select 'closed lot', row_number() over (order by c.symbol collate "C", c.fill_seq, c.lot_seq),
           format('%s %s from %s to %s, realised %s', c.symbol, c.closed_qty, c.entry_price_micros,
                  c.exit_price_micros, c.realized_micros)
      from ledger.lot_closes as c join ledger.positions as p using (run_id, symbol, match_no)
     where c.run_id = p_run_id
     union all
    select 'end', 1, format('cash %s, equity %s, %s', p.cash_micros, s.equity_micros,
                            coalesce('halted ' || core.format_iso(h.at), 'not halted'))
      from ledger.portfolios as p
      join risk.states as s using (run_id)
     cross join lateral (
           select min(h.moved_at) as at from run.run_history as h
            where h.run_id = p_run_id and h.to_status = 'HALTED') as h
     where p.run_id = p_run_id;
$function$;

comment on function lab.list_run_acts(uuid) is
$$What a run did and how it ended, in the words of lab.list_acts.$$;

create or replace function lab.list_differences(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns table (
    kind        text,
    place       bigint,
    of_backtest text,
    of_run      text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from lab.backtests as b where b.backtest_id = p_backtest_id), 'MQN81',
        p_backtest_id::text);
    perform core.assert_that(
        exists (select from run.runs as r where r.run_id = p_run_id), 'MQN02', p_run_id::text);
    return query
    with differing as (
        select coalesce(b.kind, r.kind) as what, coalesce(b.place, r.place) as nth, b.act as ours,
               r.act as theirs
          from lab.list_acts(p_backtest_id) as b
          full join lab.list_run_acts(p_run_id) as r on (r.kind, r.place) = (b.kind, b.place)
         where b.act is distinct from r.act
    ), ranked as (
        select d.*, row_number() over (partition by d.what order by d.nth) as rank from differing as d
    )
    select r.what, r.nth, r.ours, r.theirs
      from ranked as r
     where r.rank <= 5
     order by r.what, r.nth;
end;
$function$;

comment on function lab.list_differences(uuid, uuid) is
$$Where a run did something else than a backtest: the first five acts of each kind that differ (orders,
denials, fills, closed lots, the end), or no row.
Why: the fast path and the live path are one machine only as long as nobody can tell them apart.
Raises: MQN81; MQN02.$$;

create or replace function lab.find_mark(
    p_dataset_id uuid,
    p_symbol_no  integer,
    p_tick_no    integer
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select lab.restate(m.close, f.price_num, f.price_den)
      from (select u.close, k.first_tick + u.nth - 1 as tick_no
              from lab.packs as k
             cross join lateral unnest(
                   k.closes[(p_symbol_no - 1) * cardinality(k.ends_at) + 1
                            : p_symbol_no * cardinality(k.ends_at)])
                   with ordinality as u (close, nth)
             where k.dataset_id = p_dataset_id
               and k.pack_no <= (p_tick_no - 1) / 512
               and k.first_tick + u.nth - 1 <= p_tick_no
               and u.close is not null
             order by k.pack_no desc, u.nth desc
             limit 1) as m
      left join lab.list_split_factors(array(
           select s from lab.splits as s
            where s.dataset_id = p_dataset_id and s.symbol_no = p_symbol_no), p_tick_no) as f
        on m.tick_no >= f.from_tick and m.tick_no < f.until_tick;
$function$;

comment on function lab.find_mark(uuid, integer, integer) is
$$The last close of a symbol of a dataset at a tick or before it, in micros, in the shares of that tick;
null when there is none.$$;

create or replace function lab.list_session_ends(
    p_backtest_id uuid
)
returns table (
    session_no    integer,
    tick_no       integer,
    session_on    date,
    ended_at      timestamptz,
    equity_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with last as (
        select u.session_no, max(k.first_tick + u.nth - 1)::integer as tick_no
          from lab.backtests as b
          join lab.packs as k using (dataset_id)
          join lab.curves as c using (backtest_id, pack_no)
         cross join lateral unnest(k.sessions, c.equity_micros)
               with ordinality as u (session_no, equity_micros, nth)
         where b.backtest_id = p_backtest_id
           and u.equity_micros is not null
         group by u.session_no
    )
    select l.session_no, l.tick_no, s.session_on, e.at, c.equity_micros[l.tick_no - k.first_tick + 1]
      from last as l
      join lab.backtests as b on b.backtest_id = p_backtest_id
      join lab.datasets as d using (dataset_id)
      join lab.packs as k on k.dataset_id = b.dataset_id and k.pack_no = (l.tick_no - 1) / 512
      join lab.curves as c on c.backtest_id = p_backtest_id and c.pack_no = k.pack_no
     cross join lateral (select k.ends_at[l.tick_no - k.first_tick + 1] as at) as e
     cross join lateral (
           select r.session_on from ref.sessions as r
            where r.exchange_id = d.exchange_id and r.closes_at >= e.at
            order by r.closes_at limit 1) as s;
$function$;

comment on function lab.list_session_ends(uuid) is
$$The last tick that a backtest played of each session, and its equity there, in micros.$$;

create or replace function lab.list_session_prices(
    p_backtest_id uuid
)
returns table (
    symbol_no    integer,
    symbol       text,
    session_no   integer,
    tick_no      integer,
    session_on   date,
    close_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.symbol_no::integer, s.symbol, e.session_no, e.tick_no, e.session_on,
           coalesce(k.closes[(s.symbol_no - 1) * cardinality(k.ends_at) + e.tick_no - k.first_tick + 1],
                    lab.find_mark(d.dataset_id, s.symbol_no::integer, e.tick_no))
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
     cross join lab.list_session_ends(p_backtest_id) as e
     cross join unnest(d.symbols) with ordinality as s (symbol, symbol_no)
      join lab.packs as k
        on k.dataset_id = d.dataset_id and k.pack_no = (e.tick_no - 1) / 512
     where b.backtest_id = p_backtest_id;
$function$;

comment on function lab.list_session_prices(uuid) is
$$What each symbol of a backtest was marked at when a session ended, in micros: its last close; null
before its first bar.$$;

create or replace function lab.list_sessions(
    p_backtest_id uuid
)
returns table (
    session_on    date,
    equity_micros bigint,
    cash_micros   bigint,
    gross_micros  bigint,
    peak_micros   bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with ends as materialized (
        select e.* from lab.list_session_ends(p_backtest_id) as e
    ), paid as (
        select m.tick_no, m.is_end, sum(m.flow) over (order by m.tick_no, m.is_end) as flow
          from (select f.tick_no, false as is_end, -f.fill_qty * f.price_micros - f.fee_micros as flow
                  from lab.fills as f where f.backtest_id = p_backtest_id
                 union all
                select p.tick_no, false, p.amount_micros
                  from lab.flows as p where p.backtest_id = p_backtest_id
                 union all
                select e.tick_no, true, 0 from ends as e) as m
    ), prices as materialized (
        select p.symbol_no, p.tick_no, p.close_micros from lab.list_session_prices(p_backtest_id) as p
    ), held as (
        select m.tick_no, m.close_micros, m.is_end,
               sum(m.qty) over (partition by m.symbol_no order by m.tick_no, m.is_end) as qty
          from (select f.tick_no, f.symbol_no, false as is_end, f.fill_qty as qty,
                       null::bigint as close_micros
                  from lab.fills as f where f.backtest_id = p_backtest_id
                 union all
                select a.tick_no, a.symbol_no, false, a.new_qty - a.held_qty, null
                  from lab.adjustments as a where a.backtest_id = p_backtest_id
                 union all
                select p.tick_no, p.symbol_no, true, 0, p.close_micros from prices as p) as m
    ), gross as (
        select h.tick_no, sum(abs(h.qty) * coalesce(h.close_micros, 0)) as gross
          from held as h where h.is_end group by h.tick_no
    )
    select e.session_on, e.equity_micros, (b.initial_cash_micros + p.flow)::bigint, g.gross::bigint,
           greatest(b.initial_cash_micros, max(e.equity_micros) over (order by e.session_no))
      from ends as e
      join lab.backtests as b on b.backtest_id = p_backtest_id
      join paid as p on p.is_end and p.tick_no = e.tick_no
      join gross as g on g.tick_no = e.tick_no
     order by e.session_no;
$function$;

comment on function lab.list_sessions(uuid) is
$$A backtest by session, at the last tick of each: equity, cash, the value of all that was held (longs and
shorts added), and the highest equity so far, the opening cash among it; in micros.$$;

create or replace function lab.list_trades(
    p_backtest_id uuid
)
returns table (
    symbol             text,
    side               text,
    qty                bigint,
    opened_at          timestamptz,
    closed_at          timestamptz,
    entry_price_micros bigint,
    exit_price_micros  bigint,
    realized_micros    bigint,
    sessions_held      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with ticks as materialized (
        select t.tick_no, t.ends_at, t.session_no - (not t.ends_session)::integer as sessions_over
          from lab.backtests as b
         cross join lateral lab.list_dataset_ticks(b.dataset_id) as t
         where b.backtest_id = p_backtest_id
    )
    select d.symbols[c.symbol_no], case when c.closed_qty > 0 then 'LONG' else 'SHORT' end,
           abs(c.closed_qty), o.ends_at, x.ends_at, c.cost_micros / c.closed_qty, c.exit_price_micros,
           c.realized_micros, (x.sessions_over - o.sessions_over)::bigint
      from lab.closes as c
      join lab.backtests as b using (backtest_id)
      join lab.datasets as d using (dataset_id)
      join lab.fills as e on e.backtest_id = c.backtest_id and e.fill_no = c.entry_fill_no
      join lab.fills as f on f.backtest_id = c.backtest_id and f.fill_no = c.exit_fill_no
      join ticks as o on o.tick_no = e.tick_no
      join ticks as x on x.tick_no = f.tick_no
     where c.backtest_id = p_backtest_id
     order by c.exit_fill_no, c.close_no;
$function$;

comment on function lab.list_trades(uuid) is
$$Every closed lot of a backtest, in closing order, with its profit before fees and the closes of sessions
that it was held over: the columns of ops.report_trades.$$;

create or replace function lab.list_orders(
    p_backtest_id uuid
)
returns table (
    order_no           integer,
    given_at           timestamptz,
    symbol             text,
    leg                text,
    order_qty          bigint,
    order_type         text,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    order_status       text,
    filled_qty         bigint,
    avg_price_micros   bigint,
    ended_at           timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with ticks as materialized (
        select t.tick_no, t.ends_at
          from lab.backtests as b
         cross join lateral lab.list_dataset_ticks(b.dataset_id) as t
         where b.backtest_id = p_backtest_id
    ), prices as (
        select f.order_no,
               round(sum(abs(f.fill_qty) * f.price_micros) / sum(abs(f.fill_qty)))::bigint as price
          from lab.fills as f where f.backtest_id = p_backtest_id group by f.order_no
    )
    select o.order_no, g.ends_at, d.symbols[o.symbol_no], o.leg, o.order_qty,
           concat_ws('_', case when o.stop_price_micros is not null then 'STOP' end,
                     case when o.limit_price_micros is not null then 'LIMIT'
                          when o.stop_price_micros is null then 'MARKET' end),
           o.limit_price_micros, o.stop_price_micros, o.order_status, o.filled_qty, p.price, e.ends_at
      from lab.orders as o
      join lab.backtests as b using (backtest_id)
      join lab.datasets as d using (dataset_id)
      join ticks as g on g.tick_no = o.tick_no
      left join ticks as e on e.tick_no = o.ended_tick
      left join prices as p on p.order_no = o.order_no
     where o.backtest_id = p_backtest_id
     order by o.order_no;
$function$;

comment on function lab.list_orders(uuid) is
$$Orders of a backtest as they were given; avg_price_micros: paid on average, null without a fill.$$;

create or replace function lab.list_fills(
    p_backtest_id uuid
)
returns table (
    fill_no      integer,
    filled_at    timestamptz,
    session_on   date,
    order_no     integer,
    symbol       text,
    fill_qty     bigint,
    price_micros bigint,
    fee_micros   bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.fill_no, t.ends_at, e.session_on, f.order_no, d.symbols[f.symbol_no], f.fill_qty,
           f.price_micros, f.fee_micros
      from lab.fills as f
      join lab.backtests as b using (backtest_id)
      join lab.datasets as d using (dataset_id)
      join lab.list_dataset_ticks((select b.dataset_id from lab.backtests as b
                            where b.backtest_id = p_backtest_id)) as t on t.tick_no = f.tick_no
      join lab.list_session_ends(p_backtest_id) as e on e.session_no = t.session_no
     where f.backtest_id = p_backtest_id
     order by f.fill_no;
$function$;

comment on function lab.list_fills(uuid) is
$$Executions of a backtest in their order; fill_qty signed, plus bought; filled_at: the end of the bar that
traded it.$$;

create or replace function lab.describe_backtest(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with curve as (
        select array_agg(s.session_on order by s.session_on) as days,
               array_agg(s.equity_micros order by s.session_on) as equity,
               array_agg(s.gross_micros order by s.session_on) as gross,
               sum(s.equity_micros) as sum_micros
          from lab.list_sessions(p_backtest_id) as s
    ), traded as (
        select count(*) as fills, coalesce(sum(f.fee_micros), 0)::bigint as fees,
               coalesce(sum(abs(f.fill_qty) * f.price_micros), 0) as notional
          from lab.fills as f where f.backtest_id = p_backtest_id
    ), closed as (
        select array_agg(t.realized_micros order by t.nth) as profits,
               array_agg(t.sessions_held order by t.nth) as held,
               coalesce(sum(t.realized_micros), 0)::bigint as realized
          from lab.list_trades(p_backtest_id) with ordinality as t (
               symbol, side, qty, opened_at, closed_at, entry, exit, realized_micros, sessions_held, nth)
    ), figures as (
        select lab.describe_curve(b.initial_cash_micros, c.days, c.equity, c.gross)
               || lab.describe_trades(d.profits, d.held, t.fees)
               || jsonb_build_object(
                   'orders', b.orders, 'fills', t.fills,
                   'rejected_orders', (select count(*) from lab.orders as o
                                        where o.backtest_id = p_backtest_id
                                          and o.order_status = 'REJECTED'),
                   'denied_orders', (select count(*) from lab.denials as n
                                      where n.backtest_id = p_backtest_id),
                   'turnover', round(t.notional / b.initial_cash_micros, 6),
                   'turnover_a_session', round(t.notional / nullif(c.sum_micros, 0), 6),
                   'fees_micros', t.fees, 'realized_micros', d.realized,
                   'unrealized_micros', b.equity_micros - b.initial_cash_micros - d.realized + t.fees)
               as figures
          from lab.backtests as b
         cross join curve as c
         cross join traded as t
         cross join closed as d
         where b.backtest_id = p_backtest_id and b.backtest_status <> 'CREATED'
    )
    select f.figures || jsonb_build_object('undefined', lab.explain_undefined(f.figures))
      from figures as f;
$function$;

comment on function lab.describe_backtest(uuid) is
$$Key figures of a backtest that ended: those of its curve by session and of its closed lots, and what it
traded and paid; money in micros, ratios with six decimals, undefined: why a figure is null. Null for a
backtest that has not ended.$$;

create or replace function lab.list_config_differences(
    p_first  jsonb,
    p_second jsonb
)
returns table (
    path      text,
    of_first  text,
    of_second text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive nodes (side, path, value) as (
        values (1, '', p_first), (2, '', p_second)
         union all
        select n.side, ltrim(n.path || '.' || e.key, '.'), e.value
          from nodes as n
         cross join lateral jsonb_each(n.value) as e
         where jsonb_typeof(n.value) = 'object'
    ), leaves as (
        select n.side, n.path, n.value from nodes as n where jsonb_typeof(n.value) <> 'object'
    )
    select coalesce(a.path, b.path), a.value::text, b.value::text
      from (select l.* from leaves as l where l.side = 1) as a
      full join (select l.* from leaves as l where l.side = 2) as b using (path)
     where a.value is distinct from b.value
     order by 1;
$function$;

comment on function lab.list_config_differences(jsonb, jsonb) is
$$The keys in which two configs differ, with both values as JSON text; null where there is no such key.$$;

create or replace function lab.list_first_differences(
    p_first_id  uuid,
    p_second_id uuid
)
returns table (
    kind      text,
    place     bigint,
    of_first  text,
    of_second text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct on (coalesce(a.kind, b.kind) collate "C")
           coalesce(a.kind, b.kind), coalesce(a.place, b.place), a.act, b.act
      from lab.list_acts(p_first_id) as a
      full join lab.list_acts(p_second_id) as b on (b.kind, b.place) = (a.kind, a.place)
     where a.act is distinct from b.act
     order by coalesce(a.kind, b.kind) collate "C", coalesce(a.place, b.place);
$function$;

comment on function lab.list_first_differences(uuid, uuid) is
$$Of each kind of act (order, denial, fill, closed lot, end) the first in which two backtests differ.$$;

create or replace function lab.compare_backtests(
    p_first_id  uuid,
    p_second_id uuid
)
returns table (
    part      text,
    name      text,
    of_first  text,
    of_second text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bad text := (select string_agg(w.id::text, ', ') from unnest(array[p_first_id, p_second_id]) as w (id)
                    where not exists (select from lab.backtests as b
                                       where b.backtest_id = w.id and b.backtest_status <> 'CREATED'));
begin
    perform core.assert_that(v_bad is null, 'MQN81', v_bad);
    return query
    with pair as (
        select to_jsonb(a) || to_jsonb(d) as a, to_jsonb(b) || to_jsonb(e) as b, c.config as config_a,
               f.config as config_b
          from lab.backtests as a
          join lab.datasets as d using (dataset_id)
          join run.configs as c using (config_hash)
          join lab.backtests as b on b.backtest_id = p_second_id
          join lab.datasets as e on e.dataset_id = b.dataset_id
          join run.configs as f on f.config_hash = b.config_hash
         where a.backtest_id = p_first_id
    ), figures as (
        select a.key, a.value as ours, b.value as theirs,
               row_number() over (order by a.key collate "C") as nth
          from jsonb_each_text(lab.describe_backtest(p_first_id)) as a
          join jsonb_each_text(lab.describe_backtest(p_second_id)) as b using (key)
    ), said as (
        select 1 as part_no, 'backtest' as part, k.key as name, p.a ->> k.key as ours,
               p.b ->> k.key as theirs, k.nth
          from pair as p
         cross join unnest(array[
               'backtest_id', 'strategy_id', 'backtest_status', 'halt_reason', 'timeframe', 'symbols',
               'from_on', 'to_on', 'data_sha256', 'config_hash', 'digest'])
               with ordinality as k (key, nth)
         union all
        select 2, 'figure', f.key, f.ours, f.theirs, f.nth from figures as f where f.key <> 'undefined'
         union all
        select 3, 'config', l.path, l.of_first, l.of_second, row_number() over (order by l.path collate "C")
          from pair as p cross join lateral lab.list_config_differences(p.config_a, p.config_b) as l
         union all
        select 4, 'first differing ' || l.kind, l.place::text, l.of_first, l.of_second, 0
          from lab.list_first_differences(p_first_id, p_second_id) as l
    )
    select s.part, s.name, s.ours, s.theirs from said as s order by s.part_no, s.nth, s.part collate "C";
end;
$function$;

comment on function lab.compare_backtests(uuid, uuid) is
$$Two backtests that ended, side by side: what they were run on, every figure, the keys in which their
configs differ, and of each kind of act the first that differs.
Raises: MQN81 naming those that are not there or have not ended.$$;

create or replace function lab.list_returns(
    p_backtest_ids uuid[]
)
returns numeric[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(r.value order by r.nth, r.session_no)
      from (select t.nth, d.session_no,
                   d.equity_micros::numeric / nullif(coalesce(
                       lag(d.equity_micros) over (partition by t.nth order by d.session_no),
                       b.initial_cash_micros), 0) - 1 as value
              from unnest(p_backtest_ids) with ordinality as t (backtest_id, nth)
              join lab.backtests as b using (backtest_id)
             cross join lateral lab.list_session_ends(b.backtest_id) as d) as r;
$function$;

comment on function lab.list_returns(uuid[]) is
$$Returns of the sessions of some backtests, one after another; the first of each since its cash.$$;

create or replace function lab.measure_backtest(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'completed', (b.backtest_status = 'COMPLETED')::integer, 'halt_reason', b.halt_reason,
        'end_micros', b.equity_micros, 'sessions', f.x -> 'sessions', 'trades', f.x -> 'trades',
        'total_return', f.x -> 'total_return', 'cagr', f.x -> 'cagr', 'sharpe', f.x -> 'sharpe',
        'max_drawdown', -(f.x ->> 'max_drawdown')::numeric, 'volatility', f.x -> 'annual_volatility',
        'profit_factor', f.x -> 'profit_factor_after_fees',
        'profitable_months', f.x -> 'profitable_months',
        'worst_five_days', f.x -> 'worst_five_sessions',
        'daily_turnover', round((f.x ->> 'turnover')::numeric / (f.x ->> 'sessions')::numeric, 6),
        'active_days', (
            select round(avg((v.value <> 0)::integer), 6)
              from unnest(lab.list_returns(array[p_backtest_id])) as v (value)))
      from lab.backtests as b
     cross join lateral (select lab.describe_backtest(b.backtest_id) as x) as f
     where b.backtest_id = p_backtest_id;
$function$;

comment on function lab.measure_backtest(uuid) is
$$What a backtest is judged by: the figures that its tearsheet shows (lab.describe_backtest), drawdown as a
positive ratio, profit factor after fees, turnover a session of the opening cash, and active: the share of
sessions on which equity moved. Null where a figure is undefined.
Why: what is judged is what is shown.$$;

create or replace function lab.shock_price(
    p_change_kind text,
    p_price       bigint,
    p_third       integer,
    p_sessions    integer,
    p_anchor      bigint,
    p_pivot       bigint
)
returns bigint
language sql
immutable
parallel safe
return case when p_price is not null then greatest(1, case p_change_kind
    when 'GAPS' then p_price * (array[100, 90, 99])[p_third] / 100
    when 'BEAR' then case when p_third < 3 then p_price
                          else round(p_price * power(0.998, p_sessions))::bigint end
    when 'WILD' then case p_third
        when 1 then p_price
        when 2 then greatest(p_anchor / 10, 2 * p_price - p_anchor)
        else (p_price::numeric * greatest(p_anchor / 10, 2 * p_pivot - p_anchor) / p_pivot)::bigint end
    else p_price end) end;

comment on function lab.shock_price(text, bigint, integer, integer, bigint, bigint) is
$$A price of a changed dataset, in micros, in the first, second or last third of its ticks. GAPS: down by
a tenth after the first third, up by a tenth after the second. BEAR: 20 bps less with each session of the
last third. WILD: moves from p_anchor, the last close of the first third, are doubled in the second; from
p_pivot, the last close of that, on as they were. SLICE: as it was. No price: none.
Why: integers and one power of a constant, the same on every machine.$$;

create or replace function lab.list_derived_cells(
    p_source  uuid,
    p_stretch lab.stretch
)
returns table (symbol_no integer, n integer, o bigint, h bigint, l bigint, c bigint, v bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $function$
    with cells as materialized (
        select s.nth as symbol_no, x.n, e.*, coalesce(f.price_num, 1) as num,
               coalesce(f.price_den, 1) as den,
               1 + x.n * 3 / (p_stretch.last_tick - p_stretch.first_tick + 1) as third
          from lab.packs as k
         cross join lateral (
            select cardinality(k.ends_at) as ticks,
                   greatest(p_stretch.first_tick - k.first_tick, 0) + 1 as low,
                   least(p_stretch.last_tick - k.first_tick + 1, cardinality(k.ends_at)) as high) as b
         cross join lateral generate_series(1, cardinality(k.closes) / b.ticks) as s (nth)
         cross join lateral (select (s.nth - 1) * b.ticks as base) as a
         cross join lateral unnest(
               k.opens[a.base + b.low : a.base + b.high], k.highs[a.base + b.low : a.base + b.high],
               k.lows[a.base + b.low : a.base + b.high], k.closes[a.base + b.low : a.base + b.high],
               k.volumes[a.base + b.low : a.base + b.high], k.sessions[b.low : b.high])
               with ordinality as e (o, h, l, c, v, session_no, nth)
         cross join lateral (
            select k.first_tick + b.low + e.nth::integer - 2 - p_stretch.first_tick as n) as x
          left join lab.list_split_factors(array(
               select g from lab.splits as g where g.dataset_id = p_source), p_stretch.last_tick) as f
            on f.symbol_no = s.nth and x.n + p_stretch.first_tick >= f.from_tick
           and x.n + p_stretch.first_tick < f.until_tick
         where k.dataset_id = p_source
           and k.first_tick <= p_stretch.last_tick
           and k.first_tick + cardinality(k.ends_at) > p_stretch.first_tick
    ), turns as (
        select x.symbol_no, x.turned, coalesce(a.c, 1) as anchor, a.num as anchor_num, a.den as anchor_den,
               coalesce(b.c, 1) as pivot, b.num as pivot_num, b.den as pivot_den
          from (select c.symbol_no, coalesce(max(c.session_no) filter (where c.third = 2), 0) as turned,
                       max(c.n) filter (where c.third = 1 and c.c > 0) as anchor_n,
                       max(c.n) filter (where c.third = 2 and c.c > 0) as pivot_n
                  from cells as c group by c.symbol_no) as x
          left join cells as a on a.symbol_no = x.symbol_no and a.n = x.anchor_n
          left join cells as b on b.symbol_no = x.symbol_no and b.n = x.pivot_n
    ), shares as (
        select c.*, c.session_no - u.turned as since,
               lab.restate(u.anchor, u.anchor_num * c.den, u.anchor_den * c.num) as anchor,
               lab.restate(u.pivot, u.pivot_num * c.den, u.pivot_den * c.num) as pivot
          from cells as c join turns as u using (symbol_no)
    )
    select s.symbol_no, s.n, lab.shock_price(k.kind, s.o, s.third, s.since, s.anchor, s.pivot),
           lab.shock_price(k.kind, s.h, s.third, s.since, s.anchor, s.pivot),
           lab.shock_price(k.kind, s.l, s.third, s.since, s.anchor, s.pivot),
           lab.shock_price(k.kind, s.c, s.third, s.since, s.anchor, s.pivot), s.v
      from (select p_stretch.change_kind as kind) as k
     cross join shares as s;
$function$;

comment on function lab.list_derived_cells(uuid, lab.stretch) is
$$The bars of a stretch of a dataset, its prices changed by lab.shock_price: symbol, tick (from 0), open,
high, low, close, volume. Over a split the prices from which changes are measured are restated.$$;

create or replace function lab.list_derived_packs(
    p_set     lab.datasets,
    p_source  uuid,
    p_stretch lab.stretch
)
returns setof lab.packs
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $function$
    with spans as materialized (
        select k.*, greatest(p_stretch.first_tick - k.first_tick, 0) + 1 as low,
               least(p_stretch.last_tick - k.first_tick + 1, cardinality(k.ends_at)) as high
          from lab.packs as k
         where k.dataset_id = p_source
           and k.first_tick <= p_stretch.last_tick
           and k.first_tick + cardinality(k.ends_at) > p_stretch.first_tick
    ), timed as (
        select t.n / 512 as pack_no, array_agg(t.ends_at) as ends_at,
               array_agg(t.session_no - (select s.sessions[s.low] from spans as s
                                          order by s.pack_no limit 1) + 1) as sessions,
               array_agg(t.ends_session) as ends_session, array_agg(t.is_complete) as is_complete
          from (select e.*, k.first_tick + k.low + e.nth::integer - 2 - p_stretch.first_tick as n
                  from spans as k
                 cross join lateral unnest(
                       k.ends_at[k.low : k.high], k.sessions[k.low : k.high],
                       k.ends_session[k.low : k.high], k.is_complete[k.low : k.high])
                       with ordinality as e (ends_at, session_no, ends_session, is_complete, nth)
                 order by n) as t
         group by 1
    ), packed as (
        select c.pack_no, array_agg(c.o) as opens, array_agg(c.h) as highs, array_agg(c.l) as lows,
               array_agg(c.c) as closes, array_agg(c.v) as volumes
          from (select d.n / 512 as pack_no, d.* from lab.list_derived_cells(p_source, p_stretch) as d
                 order by d.n / 512, d.symbol_no, d.n) as c
         group by c.pack_no
    )
    select p_set.dataset_id, p.pack_no, p.pack_no * 512 + 1, t.ends_at, t.sessions, t.ends_session,
           t.is_complete, p.opens, p.highs, p.lows, p.closes, p.volumes
      from packed as p join timed as t using (pack_no);
$function$;

comment on function lab.list_derived_packs(lab.datasets, uuid, lab.stretch) is
$$The packs of a stretch of another dataset, its prices changed by lab.shock_price.
Why: what is sorted before it is gathered is sorted once.$$;

create or replace function lab.derive_dataset(
    p_source_id uuid,
    p_stretch   lab.stretch,
    p_now_at    timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_set lab.datasets;
begin
    select d.* into strict v_set from lab.datasets as d where d.dataset_id = p_source_id;
    if p_stretch = row('SLICE', 1, v_set.ticks)::lab.stretch then
        return p_source_id;
    end if;
    v_set.dataset_id := core.derive_id('derived dataset', array[
        p_source_id::text, p_stretch.change_kind, p_stretch.first_tick::text,
        p_stretch.last_tick::text]);
    insert into lab.derivations (dataset_id, source_id, change_kind, first_tick, last_tick)
    select v_set.dataset_id, p_source_id, p_stretch.change_kind, p_stretch.first_tick,
           p_stretch.last_tick
    on conflict (dataset_id) do nothing;
    if not found then
        return v_set.dataset_id;
    end if;
    insert into lab.packs
    select k.* from lab.list_derived_packs(v_set, p_source_id, p_stretch) as k;
    insert into lab.datasets (
        dataset_id, exchange_id, timeframe, symbols, from_on, to_on, ticks, bars, data_sha256, frozen_by,
        frozen_at)
    select v_set.dataset_id, v_set.exchange_id, v_set.timeframe, v_set.symbols,
           min((k.ends_at[1] at time zone 'UTC')::date),
           max((k.ends_at[cardinality(k.ends_at)] at time zone 'UTC')::date),
           sum(cardinality(k.ends_at)), sum(cardinality(array_remove(k.volumes, null))),
           core.hash_text(string_agg(lab.hash_pack(k), ',' order by k.pack_no)), audit.get_actor(),
           p_now_at
      from lab.packs as k
     where k.dataset_id = v_set.dataset_id;
    insert into lab.splits (dataset_id, symbol_no, tick_no, effective_at, ratio_num, ratio_den)
    select v_set.dataset_id, s.symbol_no, s.tick_no - p_stretch.first_tick + 1, s.effective_at,
           s.ratio_num, s.ratio_den
      from lab.splits as s
     where s.dataset_id = p_source_id
       and s.tick_no > p_stretch.first_tick and s.tick_no <= p_stretch.last_tick;
    return v_set.dataset_id;
end;
$function$;

comment on function lab.derive_dataset(uuid, lab.stretch, timestamptz) is
$$A dataset made of a stretch of another; the whole as it is: that dataset itself. The same stretch again
is the same dataset. Gives its id.$$;

create or replace function lab.list_scenarios()
returns table (
    scenario_no  integer,
    scenario     text,
    change_kind  text,
    latency_bars integer,
    must_profit  boolean
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values (1, 'SLIPPAGE_X2', 'SLICE', 0, true), (2, 'FEES_X2', 'SLICE', 0, true),
           (3, 'LATENCY_HIGH', 'SLICE', 1, true), (4, 'PARTIAL_FILLS', 'SLICE', 0, true),
           (5, 'GAPS', 'GAPS', 0, false), (6, 'BEAR', 'BEAR', 0, false), (7, 'WILD', 'WILD', 0, false);
$function$;

comment on function lab.list_scenarios() is
$$The stress battery: dearer, slower and thinner trading, in which a profit must remain; and other markets,
in which no drawdown beyond a quarter may come.$$;

create or replace function lab.build_config(
    p_config     jsonb,
    p_scenario   text,
    p_parameters jsonb
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select core.format_canonical_json(
               jsonb_set(p_config, '{strategy,parameters}', p_parameters)
               || jsonb_build_object('execution', p_config -> 'execution' || case p_scenario
                   when 'SLIPPAGE_X2' then jsonb_build_object(
                       'slippage_bps', least(greatest(2 * e.slippage_bps, 10), 5000),
                       'volatility_mult_bps', least(greatest(2 * e.volatility_mult_bps, 10000), 20000),
                       'max_slippage_bps', least(greatest(2 * e.max_slippage_bps, 50), 5000))
                   when 'FEES_X2' then jsonb_build_object(
                       'fee_per_share_micros',
                       least(greatest(2 * e.fee_per_share_micros, 10000), 1000000),
                       'fee_bps', least(2 * e.fee_bps, 1000))
                   when 'PARTIAL_FILLS' then jsonb_build_object(
                       'participation_bps', greatest(least(e.participation_bps / 2, 50), 1),
                       'split_above_qty', greatest(e.split_above_qty / 2, 1))
                   else '{}' end))
      from jsonb_to_record(p_config -> 'execution') as e (
           slippage_bps bigint, volatility_mult_bps bigint, max_slippage_bps bigint,
           fee_per_share_micros bigint, fee_bps bigint, participation_bps bigint,
           split_above_qty bigint);
$function$;

comment on function lab.build_config(jsonb, text, jsonb) is
$$The config of a step of a study, in canonical json: with the costs of its scenario, never below those of
config/stress_profiles, and with these parameters of the strategy.$$;

create or replace function lab.list_folds(
    p_study_kind  text,
    p_ticks       integer,
    p_folds       integer,
    p_warm_bars   integer,
    p_embargo     integer
)
returns table (
    fold_no    integer,
    step_part  text,
    segment    integer,
    first_tick integer,
    last_tick  integer
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with tests as (
        select i as fold_no, s.size * (i - 1 + w.lead) + 1 as first_tick,
               case when i = p_folds then p_ticks else s.size * (i + w.lead) end as last_tick
          from generate_series(1, p_folds) as i
         cross join (select (p_study_kind = 'WALK_FORWARD')::integer as lead) as w
         cross join lateral (select p_ticks / (p_folds + w.lead) as size) as s
    ), parts as (
        select t.fold_no, 'TEST', 1, greatest(t.first_tick - p_warm_bars, 1), t.last_tick
          from tests as t
         union all
        select t.fold_no, 'TRAIN', 1, 1, t.first_tick - 1 - case p_study_kind
                   when 'WALK_FORWARD' then 0 else p_warm_bars end
          from tests as t
         union all
        select t.fold_no, 'TRAIN', 2, t.last_tick + 1 + p_embargo, p_ticks
          from tests as t
         where p_study_kind = 'CROSS_VALIDATION'
    )
    select p.* from parts as p (fold_no, step_part, segment, first_tick, last_tick)
     where p.last_tick - p.first_tick > p_warm_bars
     order by 1, 2 desc, 3;
$function$;

comment on function lab.list_folds(text, integer, integer, integer, integer) is
$$The parts of a study with folds, in ticks. WALK_FORWARD: of one block more than folds, all that was
before a block trains for it. CROSS_VALIDATION: each block is tested by what was trained before
and after it; what the test needs to warm up is purged from the training before it, p_embargo ticks from the
one after. A test begins p_warm_bars before its block, to know its past; a part that
is shorter is left out.$$;

create or replace function lab.list_study_folds(
    p_study lab.studies
)
returns table (
    fold_no    integer,
    step_part  text,
    segment    integer,
    first_tick integer,
    last_tick  integer
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.*
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
      join run.configs as c using (config_hash)
     cross join lateral lab.list_folds(
           (p_study).study_kind, d.ticks, ((p_study).terms ->> 'folds')::integer,
           (c.config #>> '{strategy,window_bars}')::integer,
           coalesce(((p_study).terms ->> 'embargo')::integer, 0)) as f
     where b.backtest_id = (p_study).backtest_id
     order by f.fold_no, f.step_part desc, f.segment;
$function$;

comment on function lab.list_study_folds(lab.studies) is
$$The parts of a study's folds; its strategy's window is what a test needs to warm up.$$;

create or replace function lab.add_step(
    p_study        lab.studies,
    p_fold_no      integer,
    p_step_part    text,
    p_scenario     text,
    p_choice_no    integer,
    p_stretch      lab.stretch,
    p_latency_bars integer,
    p_now_at       timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into lab.steps (
        study_id, step_no, fold_no, step_part, scenario, choice_no, backtest_id)
    select (p_study).study_id,
           (select count(*) + 1 from lab.steps as s where s.study_id = (p_study).study_id),
           p_fold_no, p_step_part, p_scenario, p_choice_no, o.backtest_id
      from lab.backtests as b
      join run.configs as c using (config_hash)
     cross join lateral lab.open_backtest(
           lab.derive_dataset(b.dataset_id, p_stretch, p_now_at),
           lab.build_config(c.config, p_scenario, case p_choice_no when 0 then b.parameters
               else (p_study).terms -> 'choices' -> (p_choice_no - 1) end),
           b.code_sha256, p_latency_bars, p_now_at) as o
     where b.backtest_id = (p_study).backtest_id;
$function$;

comment on function lab.add_step(
    lab.studies, integer, text, text, integer, lab.stretch, integer, timestamptz) is
$$Adds a step to a study: opens the backtest of a stretch of its dataset with the costs of a scenario and
one of its choices of parameters, and with the code that the study's backtest has.$$;

create or replace function lab.find_choice(
    p_study   lab.studies,
    p_fold_no integer
)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((
        select s.choice_no
          from (select s.choice_no, lab.list_returns(array_agg(s.backtest_id order by s.step_no)) as series
                  from lab.steps as s
                 where s.study_id = (p_study).study_id and s.fold_no = p_fold_no
                   and s.step_part = 'TRAIN'
                 group by s.choice_no) as s
         order by case (p_study).terms ->> 'score'
                      when 'SHARPE' then lab.compute_sharpe(s.series)
                      else (select avg(v.value) from unnest(s.series) as v (value)) end
                  desc nulls last, s.choice_no
         limit 1), 1);
$function$;

comment on function lab.find_choice(lab.studies, integer) is
$$Which of a study's choices did best in the training of a fold, by the study's score; the first of equals,
and the first when nothing was trained.$$;

create or replace function lab.plan_tests(
    p_study  lab.studies,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select lab.add_step(
               p_study, f.fold_no, 'TEST', 'SEGMENT 1', lab.find_choice(p_study, f.fold_no),
               row('SLICE', f.first_tick, f.last_tick)::lab.stretch, 0, p_now_at)
      from lab.list_study_folds(p_study) as f
     where f.step_part = 'TEST'
       and not exists (select from lab.steps as s
                        where s.study_id = (p_study).study_id and s.fold_no = f.fold_no
                          and s.step_part = 'TEST')
     order by f.fold_no;
$function$;

comment on function lab.plan_tests(lab.studies, timestamptz) is
$$Opens the tests of all folds, each with the parameters that its training chose: asked for when all that
was to be trained has been.$$;

create or replace function lab.plan_steps(
    p_study  lab.studies,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test lab.backtests;
    v_case record;
begin
    select b.* into strict v_test from lab.backtests as b where b.backtest_id = (p_study).backtest_id;
    if (p_study).study_kind = 'STRESS' then
        for v_case in select c.* from lab.list_scenarios() as c order by c.scenario_no loop
            perform lab.add_step(
                p_study, 1, 'SCENARIO', v_case.scenario, 0,
                row(v_case.change_kind, 1, d.ticks)::lab.stretch, v_case.latency_bars, p_now_at)
               from lab.datasets as d where d.dataset_id = v_test.dataset_id;
        end loop;
    elsif (p_study).terms ? 'folds' and jsonb_array_length((p_study).terms -> 'choices') > 1 then
        for v_case in
            select f.*, n as choice_no
              from lab.list_study_folds(p_study) as f
             cross join generate_series(1, jsonb_array_length((p_study).terms -> 'choices')) as n
             where f.step_part = 'TRAIN'
             order by f.fold_no, n, f.segment
        loop
            perform lab.add_step(
                p_study, v_case.fold_no, 'TRAIN', 'SEGMENT ' || v_case.segment, v_case.choice_no,
                row('SLICE', v_case.first_tick, v_case.last_tick)::lab.stretch, 0, p_now_at);
        end loop;
    end if;
end;
$function$;

comment on function lab.plan_steps(lab.studies, timestamptz) is
$$Opens the backtests of a study that do not depend on others: the scenarios of a stress battery, the
training of folds. With one choice there is nothing to train.$$;

create or replace function lab.assert_study_terms(
    p_test       lab.backtests,
    p_study_kind text,
    p_terms      jsonb
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_folds   bigint := (p_terms ->> 'folds')::bigint;
    v_samples bigint := (p_terms ->> 'samples')::bigint;
    v_trades  bigint := (select count(*) from lab.closes as c
                          where c.backtest_id = (p_test).backtest_id);
    v_ticks   integer := (select d.ticks from lab.datasets as d
                           where d.dataset_id = (p_test).dataset_id);
begin
    if p_study_kind in ('WALK_FORWARD', 'CROSS_VALIDATION') then
        perform core.assert_that(
            v_folds between 3 and 20, 'MQA86', format('folds %s is not in 3..20', v_folds));
        perform core.assert_that(
            p_terms ->> 'score' in ('SHARPE', 'RETURN'), 'MQA86', 'score is SHARPE or RETURN');
        perform core.assert_that(
            jsonb_array_length(p_terms -> 'choices') between 1 and 50, 'MQA86',
            'choices are 1 to 50 objects');
        perform core.assert_that(
            not jsonb_path_exists(p_terms, '$.choices[*] ? (@.type() != "object")'), 'MQA86',
            'choices are 1 to 50 objects');
        perform core.assert_that(
            p_study_kind = 'WALK_FORWARD' or (p_terms ->> 'embargo')::integer between 0 and v_ticks,
            'MQA86', 'embargo is not in 0..ticks');
        perform core.assert_that(
            v_ticks / (v_folds + 1) >= 10, 'MQA86',
            format('%s ticks are less than 10 a fold', v_ticks));
    elsif p_study_kind = 'MONTE_CARLO' then
        perform core.assert_that(
            v_samples between 100 and 10000, 'MQA86',
            format('samples %s is not in 100..10000', v_samples));
        perform core.assert_that(
            v_trades * v_samples between 1 and 5000000, 'MQA86',
            format('%s trades by %s samples are not in 1..5000000', v_trades, v_samples));
        perform core.assert_that(
            p_terms ->> 'method' in ('BOOTSTRAP', 'PERMUTATION')
            and (p_terms ->> 'seed')::bigint is not null, 'MQA86',
            'method BOOTSTRAP or PERMUTATION, and a seed');
    end if;
end;
$function$;

comment on function lab.assert_study_terms(lab.backtests, text, jsonb) is
$$Refuses terms that a study cannot be done by: too few bars or trades, too much work, unknown words.
Raises: MQA86.$$;

create or replace function lab.begin_study(
    p_backtest_id uuid,
    p_study_kind  text,
    p_terms       jsonb,
    p_now_at      timestamptz
)
returns lab.studies
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test  lab.backtests;
    v_study lab.studies;
    v_terms jsonb := p_terms;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    perform core.assert_that(
        v_test.backtest_status <> 'CREATED', 'MQA87', format('%s is %s', p_backtest_id,
                                                              v_test.backtest_status));
    if v_terms ? 'choices' and jsonb_typeof(v_terms -> 'choices') <> 'array' then
        v_terms := v_terms || jsonb_build_object('choices', jsonb_build_array(v_test.parameters));
    end if;
    perform lab.assert_study_terms(v_test, p_study_kind, v_terms);
    insert into lab.studies (
        study_id, study_kind, backtest_id, config_hash, data_sha256, terms, begun_by, begun_at)
    select core.derive_id('study', array[p_backtest_id::text, p_study_kind, v_terms::text]),
           p_study_kind, p_backtest_id, v_test.config_hash, d.data_sha256, v_terms, audit.get_actor(),
           p_now_at
      from lab.datasets as d
     where d.dataset_id = v_test.dataset_id
    on conflict (study_id) do nothing
    returning * into v_study;
    if not found then
        select s.* into strict v_study from lab.studies as s
         where s.study_id = core.derive_id('study', array[
               p_backtest_id::text, p_study_kind, v_terms::text]);
        return v_study;
    end if;
    perform lab.plan_steps(v_study, p_now_at);
    perform audit.append_desk_event(
        'LAB', 'STUDY_BEGUN', to_jsonb(v_study) - array['begun_at', 'begun_by'], p_now_at);
    return v_study;
end;
$function$;

comment on function lab.begin_study(uuid, text, jsonb, timestamptz) is
$$Begins a study of a backtest that ended, and plans its steps; the same again is the same study.
Terms: STRESS none; WALK_FORWARD and CROSS_VALIDATION folds, score (SHARPE or RETURN), choices (parameters
to choose from; null: those of the config), the latter embargo (ticks); MONTE_CARLO samples, seed, method.
Raises: MQN81; MQA86; MQA87.$$;

create or replace function lab.find_step(
    p_study_id uuid
)
returns lab.steps
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from lab.steps as s
      join lab.backtests as b using (backtest_id)
     where s.study_id = p_study_id and b.backtest_status = 'CREATED'
     order by s.step_no
     limit 1;
$function$;

comment on function lab.find_step(uuid) is
$$The first step of a study whose backtest has not been run.$$;

create or replace function lab.take_step(
    p_study_id uuid,
    p_now_at   timestamptz
)
returns lab.steps
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_study lab.studies;
    v_step  lab.steps;
begin
    select s.* into v_study from lab.studies as s where s.study_id = p_study_id for update;
    perform core.assert_that(found, 'MQN86', coalesce(p_study_id::text, 'null'));
    v_step := lab.find_step(p_study_id);
    if v_step.study_id is null and v_study.terms ? 'folds' then
        perform lab.plan_tests(v_study, p_now_at);
        v_step := lab.find_step(p_study_id);
    end if;
    return v_step;
end;
$function$;

comment on function lab.take_step(uuid, timestamptz) is
$$The next step of a study, under its lock; when all training is done, that plans the tests. Null: there is
none left.
Raises: MQN86.$$;

create or replace function lab.ask_step(
    p_study_id uuid,
    p_now_at   timestamptz
)
returns table (
    backtest_id uuid,
    config      text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_step lab.steps := lab.take_step(p_study_id, p_now_at);
begin
    return query
    select b.backtest_id, c.canonical_json
      from lab.backtests as b
      join run.configs as c using (config_hash)
     where b.backtest_id = v_step.backtest_id
       and lab.hash_strategy(b.strategy_id) is null
       and not exists (select from lab.signal_sets as g where g.backtest_id = b.backtest_id);
end;
$function$;

comment on function lab.ask_step(uuid, timestamptz) is
$$The backtest of a study's next step, and its config, if its strategy lives outside the database and has
not given its signals; else no row.
Raises: MQN86.$$;

create or replace function lab.answer_step(
    p_study_id    uuid,
    p_code_sha256 text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns lab.signal_sets
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_step lab.steps := lab.take_step(p_study_id, p_now_at);
begin
    perform core.assert_that(v_step.study_id is not null, 'MQS86', 'no step is left');
    perform core.assert_that(
        exists (select from lab.backtests as b
                 where b.backtest_id = v_step.backtest_id and b.code_sha256 = p_code_sha256), 'MQS86',
        coalesce(p_code_sha256, 'null'));
    return lab.post_signals(v_step.backtest_id, p_signals, p_now_at);
end;
$function$;

comment on function lab.answer_step(uuid, text, jsonb, timestamptz) is
$$Takes what a strategy outside the database wants in the next step of a study, if it is the code that the
study's backtest was run with.
Raises: MQN86; MQS86 another code, or no step is left; MQS80; MQA82.$$;

create or replace function lab.derive_number(
    p_seed  bigint,
    p_nth   bigint,
    p_below integer
)
returns integer
language sql
immutable
strict
parallel safe
return ((('x' || substr(encode(sha256((p_seed::text || ',' || p_nth::text)::bytea), 'hex'), 1, 15))
         ::bit(60)::bigint) % p_below)::integer;

comment on function lab.derive_number(bigint, bigint, integer) is
$$The nth number of a seed, from 0 and below p_below: of the digest of both, the same on every machine.$$;

create or replace function lab.compute_path(
    p_profits   bigint[],
    p_cash      bigint,
    p_method    text,
    p_seed      bigint,
    p_sample_no bigint,
    end_micros  out bigint,
    drawdown    out numeric
)
returns record
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_n      integer := cardinality(p_profits);
    v_left   bigint[] := p_profits;
    v_at     integer;
    v_peak   bigint := p_cash;
    v_profit bigint;
begin
    end_micros := p_cash;
    drawdown := 0;
    for i in 1..v_n loop
        if p_method = 'PERMUTATION' then
            v_at := i + lab.derive_number(p_seed, p_sample_no * v_n + i, v_n - i + 1);
            v_profit := v_left[v_at];
            v_left[v_at] := v_left[i];
        else
            v_profit := p_profits[1 + lab.derive_number(p_seed, p_sample_no * v_n + i, v_n)];
        end if;
        end_micros := end_micros + v_profit;
        v_peak := greatest(v_peak, end_micros);
        drawdown := greatest(drawdown, (v_peak - end_micros)::numeric / v_peak);
    end loop;
end;
$function$;

comment on function lab.compute_path(bigint[], bigint, text, bigint, bigint) is
$$Trades in another order (PERMUTATION) or drawn anew with replacement (BOOTSTRAP): what is left in the end,
in micros, and the deepest fall from a peak, a positive ratio. The same seed and number: the same path.$$;

create or replace function lab.judge_trades(
    p_study   lab.studies,
    is_passed out boolean,
    measures  out jsonb
)
returns record
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with fees as (
        select coalesce(sum(f.fee_micros), 0)::bigint as total
          from lab.fills as f where f.backtest_id = (p_study).backtest_id
    ), trades as (
        select array_agg(c.realized_micros - f.total / c.trades order by c.close_no) as profits
          from (select c.*, count(*) over () as trades
                  from lab.closes as c where c.backtest_id = (p_study).backtest_id) as c
         cross join fees as f
    ), samples as materialized (
        select p.*, b.initial_cash_micros as cash
          from lab.backtests as b
         cross join trades as t
         cross join generate_series(1, ((p_study).terms ->> 'samples')::bigint) as n
         cross join lateral lab.compute_path(
               t.profits, b.initial_cash_micros, (p_study).terms ->> 'method',
               ((p_study).terms ->> 'seed')::bigint, n) as p
         where b.backtest_id = (p_study).backtest_id and t.profits is not null
    )
    select coalesce(avg((s.end_micros > s.cash)::integer) >= 0.95, false),
           jsonb_build_object(
               'samples', count(*), 'profitable', round(avg((s.end_micros > s.cash)::integer), 9),
               'end_micros_p5', percentile_disc(0.05) within group (order by s.end_micros),
               'end_micros_p50', percentile_disc(0.5) within group (order by s.end_micros),
               'end_micros_p95', percentile_disc(0.95) within group (order by s.end_micros),
               'drawdown_p50', round(percentile_disc(0.5) within group (order by s.drawdown), 9),
               'drawdown_p95', round(percentile_disc(0.95) within group (order by s.drawdown), 9))
      from samples as s;
$function$;

comment on function lab.judge_trades(lab.studies) is
$$Monte Carlo of a backtest's closed lots, each charged an equal share of all fees: percentiles of what is
left and of the drawdown. Passes when 95 % of the samples end with a profit.$$;

create or replace function lab.is_step_ok(
    p_step_part text,
    p_scenario  text,
    p_measures  jsonb
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(
        case when p_step_part = 'TRAIN' then true
             when p_step_part = 'TEST' or c.must_profit
             then (p_measures ->> 'completed')::integer = 1
                  and (p_measures ->> 'total_return')::numeric > 0
             else (p_measures ->> 'max_drawdown')::numeric <= 0.25 end, false)
      from (select 1) as one
      left join lab.list_scenarios() as c on c.scenario = p_scenario;
$function$;

comment on function lab.is_step_ok(text, text, jsonb) is
$$Whether a step of a study went well. A test and dearer trading must end with a profit and without
a halt; in another market a brake may be pulled, and the drawdown is a quarter at most; training is not
judged. What was not measured did not go well.$$;

create or replace function lab.judge_study(
    p_study   lab.studies,
    is_passed out boolean,
    measures  out jsonb
)
returns record
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (
        select s.*, r.is_ok, (r.measures ->> 'cagr')::numeric as cagr, c.must_profit,
               (r.measures ->> 'max_drawdown')::numeric as drawdown
          from lab.steps as s
          join lab.results as r using (study_id, step_no)
          left join lab.list_scenarios() as c using (scenario)
         where s.study_id = (p_study).study_id and s.step_part <> 'TRAIN'
    ), judged as (
        select jsonb_build_object(
                   'scenarios', count(*), 'failures', count(*) filter (where not r.is_ok),
                   'stress_cagr', case when count(r.cagr) = count(*) then
                       min(r.cagr) filter (where r.must_profit) end) as m,
               count(*) >= 7 and bool_and(r.is_ok) as ok
          from r where (p_study).study_kind = 'STRESS'
        having count(*) > 0
         union all
        select jsonb_build_object(
                   'folds', count(*), 'positive', round(avg(r.is_ok::integer), 9),
                   'negative_folds', count(*) filter (where not r.is_ok),
                   'worst_drawdown', case when count(r.drawdown) = count(*) then max(r.drawdown) end),
               avg(r.is_ok::integer) >= 0.7
          from r where (p_study).terms ? 'folds'
        having count(*) > 0
         union all
        select t.measures, t.is_passed from lab.judge_trades(p_study) as t
         where (p_study).study_kind = 'MONTE_CARLO'
    )
    select coalesce(j.ok, false), coalesce(j.m, '{}')
      from (select 1) as one left join judged as j on true;
$function$;

comment on function lab.judge_study(lab.studies) is
$$How a study went. A stress battery passes when every scenario of it did; one with folds when 70 % of the
tests ended with a profit; Monte Carlo by lab.judge_trades. Nothing to judge: not passed.$$;

create or replace function lab.end_study(
    p_study  lab.studies,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_outcome lab.outcomes;
begin
    if exists (select from lab.outcomes as o where o.study_id = (p_study).study_id) then
        return;
    end if;
    insert into lab.results (study_id, step_no, is_ok, measures)
    select s.study_id, s.step_no, lab.is_step_ok(s.step_part, s.scenario, m.measures), m.measures
      from lab.steps as s
     cross join lateral lab.measure_backtest(s.backtest_id) as m (measures)
     where s.study_id = (p_study).study_id;
    insert into lab.outcomes (study_id, is_passed, measures, ended_at)
    select (p_study).study_id, j.is_passed, j.measures, p_now_at
      from lab.judge_study(p_study) as j
    returning * into v_outcome;
    perform audit.append_desk_event(
        'LAB', 'STUDY_ENDED', to_jsonb(v_outcome) - 'ended_at', p_now_at);
end;
$function$;

comment on function lab.end_study(lab.studies, timestamptz) is
$$Measures every step of a study and judges it, once.$$;

create or replace function lab.run_step(
    p_study_id uuid,
    p_now_at   timestamptz
)
returns table (
    step_no         integer,
    steps           bigint,
    fold_no         integer,
    step_part       text,
    scenario        text,
    choice_no       integer,
    backtest_id     uuid,
    backtest_status text,
    equity_micros   bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_study lab.studies;
    v_test  lab.backtests;
    v_step  lab.steps;
begin
    v_step := lab.take_step(p_study_id, p_now_at);
    if v_step.study_id is null then
        select s.* into strict v_study from lab.studies as s where s.study_id = p_study_id;
        perform lab.end_study(v_study, p_now_at);
        return;
    end if;
    select b.* into strict v_test from lab.backtests as b where b.backtest_id = v_step.backtest_id;
    perform lab.assert_signals(v_test);
    v_test := lab.run_backtest(v_step.backtest_id, null, p_now_at);
    return query
    select v_step.step_no, (select count(*) from lab.steps as s where s.study_id = p_study_id),
           v_step.fold_no, v_step.step_part, v_step.scenario, v_step.choice_no, v_step.backtest_id,
           v_test.backtest_status, v_test.equity_micros;
end;
$function$;

comment on function lab.run_step(uuid, timestamptz) is
$$Runs the next step of a study and tells it; no row: there is none left, and the study has its outcome.
Why: one backtest a transaction, so a study can be watched, stopped and resumed by anybody.
Raises: MQN86; MQS81 its strategy lives outside the database and has not given its signals.$$;

create or replace function lab.list_studies(
    p_backtest_id uuid
)
returns table (
    study_id   uuid,
    study_kind text,
    terms      jsonb,
    is_passed  boolean,
    measures   jsonb,
    steps      jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.study_id, s.study_kind, s.terms, o.is_passed, o.measures, (
               select jsonb_agg(jsonb_build_object(
                          'fold_no', t.fold_no, 'step_part', t.step_part, 'scenario', t.scenario,
                          'choice_no', t.choice_no, 'backtest_id', t.backtest_id, 'is_ok', r.is_ok,
                          'measures', r.measures) order by t.step_no)
                 from lab.steps as t left join lab.results as r using (study_id, step_no)
                where t.study_id = s.study_id)
      from lab.studies as s
      left join lab.outcomes as o using (study_id)
     where s.backtest_id = p_backtest_id
     order by s.begun_at desc, s.study_id;
$function$;

comment on function lab.list_studies(uuid) is
$$The studies of a backtest, newest first, with their steps and outcomes; null while they last.$$;

create or replace function lab.judge_parity(
    p_backtest_id uuid,
    p_run_id      uuid,
    p_now_at      timestamptz
)
returns lab.parities
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_parity lab.parities;
begin
    perform core.assert_that(
        exists (select from lab.backtests as b
                 where b.backtest_id = p_backtest_id and b.backtest_status <> 'CREATED'), 'MQA87',
        coalesce(p_backtest_id::text, 'null'));
    insert into lab.parities (backtest_id, run_id, digest, last_seq, differences, judged_at)
    select b.backtest_id, r.run_id, b.digest,
           (select h.last_seq from audit.chains as h where h.chain_id = r.run_id),
           (select count(*) from lab.list_differences(b.backtest_id, r.run_id))
           + (x.terms_hash <> y.terms_hash)::integer
           + (x.config -> 'execution' is distinct from y.config -> 'execution')::integer, p_now_at
      from lab.backtests as b
      join run.configs as x using (config_hash)
     cross join run.runs as r
      join run.configs as y on y.config_hash = r.config_hash
     where b.backtest_id = p_backtest_id and r.run_id = p_run_id
    on conflict (backtest_id, run_id, last_seq) do nothing;
    select p.* into v_parity from lab.parities as p
     where p.backtest_id = p_backtest_id and p.run_id = p_run_id
     order by p.last_seq desc limit 1;
    perform core.assert_that(found, 'MQN02', coalesce(p_run_id::text, 'null'));
    return v_parity;
end;
$function$;

comment on function lab.judge_parity(uuid, uuid, timestamptz) is
$$Compares a backtest with a run through the real doors and keeps how many acts differ; other terms or costs
count as differences, too. While the run's chain stands still, the verdict stands.
Raises: MQA87; MQN02; MQN81.$$;

create or replace function lab.list_gates(
    p_profile text
)
returns table (
    gate_no   bigint,
    measure   text,
    is_least  boolean,
    threshold numeric
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select row_number() over (), g.measure, g.is_least,
           case p_profile when 'MAIN' then g.main when 'EXP' then g.exp end
      from (values
        ('completed', true, 1, 1), ('digest_holds', true, 1, 1), ('worst_case', true, 1, 1),
        ('slippage_bps', true, 5, 5), ('volatility_mult_bps', true, 5000, 5000),
        ('max_slippage_bps', true, 25, 25), ('participation_bps', false, 100, 100),
        ('audit_events', true, 1, 1), ('audit_breaks', false, 0, 0), ('strategies', true, 1, 1),
        ('sharpe', true, 1.30, 0.80), ('max_drawdown', false, 0.20, 0.20), ('cagr', true, 0.08, 0.05),
        ('profit_factor', true, 1.40, 1.20), ('profitable_months', true, 0.60, 0.60),
        ('worst_five_days', true, -0.06, -0.06), ('trades', true, 30, 30), ('sessions', true, 60, 60),
        ('daily_turnover', false, 5, 5), ('active_days', true, 0.05, 0.05),
        ('volatility', true, 0, 0), ('stress_scenarios', true, 7, 7), ('stress_failures', false, 0, 0),
        ('stress_cagr', true, 0, 0), ('walk_forward_folds', true, 3, 3),
        ('walk_forward_positive', true, 0.70, 0.70), ('walk_forward_drawdown', false, 0.25, 0.25),
        ('cross_validation_folds', true, 3, 3), ('cross_validation_positive', true, 0.70, 0.70),
        ('lookahead_cuts', true, 8, 8), ('lookahead_violations', false, 0, 0), ('code_holds', true, 1, 1),
        ('rehearsals', true, 1, 1), ('rehearsal_differences', false, 0, 0))
        as g (measure, is_least, main, exp)
     where p_profile in ('MAIN', 'EXP');
$function$;

comment on function lab.list_gates(text) is
$$What a backtest must reach to be promoted, by profile: each measure with its least or its largest value,
the bound itself included. No row: there is no such profile.
Why: a threshold that a caller could send along would be none.$$;

create or replace function lab.list_failures(
    p_profile  text,
    p_measures jsonb
)
returns table (
    gate_no bigint,
    measure text,
    reason  text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select g.gate_no, g.measure,
           case when v.value is null then g.measure || ' was not measured'
                when v.value in ('NaN', 'Infinity', '-Infinity')
                then format('%s is %s', g.measure, v.value)
                else format('%s %s is %s %s', g.measure, trim_scale(v.value),
                            case when g.is_least then 'below' else 'above' end,
                            trim_scale(g.threshold)) end
      from lab.list_gates(p_profile) as g
     cross join lateral (select (p_measures ->> g.measure)::numeric as value) as v
     where (v.value not in ('NaN', 'Infinity', '-Infinity')
            and case when g.is_least then v.value >= g.threshold else v.value <= g.threshold end)
           is not true
     order by g.gate_no;
$function$;

comment on function lab.list_failures(text, jsonb) is
$$Every gate of a profile that these measures do not pass, with its reason. What is missing, not a number or
infinite passes no gate.$$;

create or replace function lab.compute_score(
    p_measures jsonb
)
returns numeric
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case when m.cagr > -1 and m.stress_cagr > -1 then round(100 * (
               ln(1 + m.cagr) + 0.6 * least(greatest(m.sharpe, 0), 3) / 3
               + 0.4 * least(greatest(m.profit_factor, 1), 2) / 2 + 0.8 * m.walk_forward_positive
               - 1.2 * ln(1 + m.max_drawdown) - 0.8 * ln(1 + m.volatility)
               - 0.8 * ln(1 + abs(m.worst_five_days))
               - ln(1 + case when m.cagr > m.stress_cagr then m.cagr - m.stress_cagr else 0 end)), 6) end
      from jsonb_to_record(p_measures) as m (
           cagr numeric, sharpe numeric, profit_factor numeric, walk_forward_positive numeric,
           max_drawdown numeric, volatility numeric, worst_five_days numeric, stress_cagr numeric)
     where num_nulls(m.cagr, m.sharpe, m.profit_factor, m.walk_forward_positive, m.max_drawdown,
                     m.volatility, m.worst_five_days, m.stress_cagr) = 0;
$function$;

comment on function lab.compute_score(jsonb) is
$$The consistency score of a promotion, in points: growth, Sharpe (to 3), profit factor (1 to 2) and the
share of good walk-forward folds, less drawdown, volatility, the worst five days and what stress costs;
null when one of them is not known.$$;

create or replace function lab.list_ranking(
    p_candidates jsonb
)
returns table (
    rank_no   bigint,
    candidate jsonb
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive c as (
        select e.value as candidate, e.value ->> 'name' as name,
               nullif((e.value ->> 'score')::numeric, 'NaN') as score,
               nullif((e.value ->> 'max_drawdown')::numeric, 'NaN') as drawdown,
               nullif((e.value ->> 'stress_cagr')::numeric, 'NaN') as stress,
               nullif((e.value ->> 'walk_forward_positive')::numeric, 'NaN') as stability,
               nullif((e.value ->> 'negative_folds')::numeric, 'NaN') as negative,
               nullif((e.value ->> 'worst_five_days')::numeric, 'NaN') as worst
          from jsonb_array_elements(p_candidates) as e (value)
    ), leaders (score) as (
        select max(c.score) from c
         union all
        select (select max(c.score) from c where c.score < l.score - 5) from leaders as l
         where l.score is not null
    )
    select row_number() over (
               order by l.score desc nulls last, c.drawdown nulls last, c.stress desc nulls last,
                        c.stability desc nulls last, c.negative nulls last, c.worst desc nulls last,
                        c.name collate "C"), c.candidate
      from c
      left join leaders as l on c.score between l.score - 5 and l.score
     order by 1;
$function$;

comment on function lab.list_ranking(jsonb) is
$$Candidates, the best first. Those within 5 points of the best score are equals, then those within 5 points
of the best of the others, and so on. Among equals: lower drawdown, higher growth under stress, stability,
fewer negative folds, milder worst five days, then the name. What is not a number loses.$$;

create or replace function lab.count_violations(
    p_backtest_id uuid
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select nullif((select count(*) from lab.proofs as p where p.backtest_id = p_backtest_id), 0)
           - (select count(*) from lab.proofs as p
               where p.backtest_id = p_backtest_id and p.verdict = 'CLEAN')
           + (select count(*) from lab.trials as t
               where t.backtest_id = p_backtest_id and t.difference is not null);
$function$;

comment on function lab.count_violations(uuid) is
$$How many verdicts and trials of a backtest found that it looked ahead, whatever their cuts and seed; null:
nobody proved it.
Why: a proof that found nothing does not unsay one that did.$$;

create or replace function lab.compare_acts(
    p_backtest_id uuid,
    p_acts        jsonb
)
returns table (
    fault text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('%s %s: backtest %s; run %s', coalesce(b.kind, r.kind), coalesce(b.place, r.place),
                  coalesce(b.act, 'nothing'), coalesce(r.act, 'nothing'))
      from lab.list_acts(p_backtest_id) as b
      full join jsonb_to_recordset(p_acts) as r (kind text, place bigint, act text)
        on (r.kind, r.place) = (b.kind, b.place)
     where b.act is distinct from r.act;
$function$;

comment on function lab.compare_acts(uuid, jsonb) is
$$Every act in which a run, told as [{kind, place, act}, ...], differs from a backtest. Nothing told is a
difference in every act.$$;

create or replace function lab.describe_rehearsal(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'config', lab.build_rehearsal(c.config), 'backtest_config', c.canonical_json,
        'code_sha256', b.code_sha256, 'timeframe', d.timeframe, 'symbols', d.symbols,
        'from_on', d.from_on, 'to_on', d.to_on, 'frozen_at', core.format_iso(d.frozen_at),
        'begins_at', core.format_iso(lab.get_rehearsal_start(d.dataset_id)), 'ticks', b.ticks,
        'exchange_id', d.exchange_id,
        'time_zone', (select e.time_zone from ref.exchanges as e where e.exchange_id = d.exchange_id),
        'actions', lab.format_actions(d, d.frozen_at),
        'sessions', (
            select jsonb_agg(jsonb_build_object(
                       'session_on', s.session_on::text, 'opens_at', core.format_iso(s.opens_at),
                       'closes_at', core.format_iso(s.closes_at), 'is_half_day', s.is_half_day)
                       order by s.session_on)
              from ref.sessions as s
             where s.exchange_id = d.exchange_id and s.session_on between d.from_on and d.to_on + 14),
        'instruments', (
            select jsonb_agg(jsonb_build_object(
                       'symbol', s.symbol, 'exchange_id', d.exchange_id,
                       'instrument_kind', (ref.get_listing(s.symbol, d.to_on)).instrument_kind,
                       'name', s.symbol) order by s.symbol collate "C")
              from (select unnest(d.symbols) union
                    select c.config #>> '{data,benchmark_symbol}') as s (symbol)))
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
      join run.configs as c using (config_hash)
     where b.backtest_id = p_backtest_id and b.backtest_status <> 'CREATED';
$function$;

comment on function lab.describe_rehearsal(uuid) is
$$All that a rehearsal of a backtest needs beside its bars: config, calendar, instruments, corporate
actions, how many ticks.
Null: there is no such backtest, or it has not ended.$$;

create or replace function lab.judge_rehearsal(
    p_backtest_id uuid,
    p_build       text,
    p_twin        jsonb,
    p_run_id      uuid,
    p_acts        jsonb,
    p_now_at      timestamptz
)
returns lab.rehearsals
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test lab.backtests;
    v_kept lab.rehearsals;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id for update;
    perform core.assert_that(found, 'MQN81', coalesce(p_backtest_id::text, 'null'));
    perform core.assert_that(v_test.backtest_status <> 'CREATED', 'MQA87', p_backtest_id::text);
    perform core.assert_that(p_build ~ '^[0-9a-f]{64}$', 'MQA02', 'build is the SHA-256 of the program');
    perform core.assert_that(
        p_twin = jsonb_build_object('backtest_id', v_test.backtest_id, 'digest', v_test.digest)
        and p_run_id = lab.derive_rehearsal_run(v_test), 'MQA89',
        coalesce(format('%s %s', p_twin, p_run_id), 'null'));
    insert into lab.rehearsals (
        backtest_id, build, digest, run_id, acts, acts_sha256, differences, first_difference,
        rehearsed_by, rehearsed_at)
    select p_backtest_id, p_build, v_test.digest, p_run_id, jsonb_array_length(p_acts),
           core.hash_text(core.format_canonical_json(p_acts)), count(x.fault), min(x.fault),
           audit.get_actor(), p_now_at
      from (select 1) as one
      left join lab.compare_acts(p_backtest_id, p_acts) as x on true
    on conflict (backtest_id, build) do nothing;
    select r.* into strict v_kept from lab.rehearsals as r
     where r.backtest_id = p_backtest_id and r.build = p_build;
    perform core.assert_that(
        v_kept.acts_sha256 = core.hash_text(core.format_canonical_json(p_acts)), 'MQS89',
        v_kept.acts_sha256);
    perform audit.append_desk_event(
        'PROMOTION', 'REHEARSAL_JUDGED', to_jsonb(v_kept) - array['rehearsed_at', 'rehearsed_by'],
        p_now_at);
    return v_kept;
end;
$function$;

comment on function lab.judge_rehearsal(uuid, text, jsonb, uuid, jsonb, timestamptz) is
$$Compares what a rehearsal did, act by act, with its backtest, and keeps the verdict. p_twin: the id and
digest of the backtest that the rehearsal's own database made of the bars, the config and the code that it
had; p_acts: [{kind, place, act}, ...] of lab.list_run_acts.
Why: a run of other bars, another code or another config would have another twin or another id.
Raises: MQN81; MQA87; MQA02; MQA89 it was not this backtest; MQS89 the program did something else before.$$;

create or replace function lab.measure_promotion(
    p_backtest_id uuid,
    p_build       text
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as (
        select b.*, c.config, d.data_sha256
          from lab.backtests as b
          join run.configs as c using (config_hash) join lab.datasets as d using (dataset_id)
         where b.backtest_id = p_backtest_id
    ), ended as (
        select distinct on (s.study_kind) s.study_kind, o.measures as m
          from lab.studies as s
          join lab.outcomes as o using (study_id)
         where s.backtest_id = p_backtest_id
         order by s.study_kind, o.ended_at desc, s.study_id
    ), desk as (
        select core.derive_id('chain', array['ENGINE', 'DESK']) as chain_id
    ), proof as (
        select p.*
          from lab.proofs as p
          join b using (backtest_id, config_hash, code_sha256, data_sha256)
         where p.verdict = 'CLEAN'
         order by p.cuts desc, p.seed limit 1
    )
    select lab.measure_backtest(p_backtest_id) || jsonb_build_object(
        'digest_holds', (lab.compute_digest(p_backtest_id) = b.digest)::integer,
        'worst_case', (b.config #>> '{execution,fill_profile}' = 'worst_case')::integer,
        'slippage_bps', b.config #> '{execution,slippage_bps}',
        'volatility_mult_bps', b.config #> '{execution,volatility_mult_bps}',
        'max_slippage_bps', b.config #> '{execution,max_slippage_bps}',
        'participation_bps', b.config #> '{execution,participation_bps}',
        'audit_events', (
            select count(*) from desk as d join audit.events as e using (chain_id)
             where e.event_name = 'BACKTEST_ENDED' and e.payload ->> 'digest' = b.digest
               and e.payload ->> 'backtest_id' = p_backtest_id::text),
        'audit_breaks', (select count(*) from desk as d cross join audit.verify_chain(d.chain_id)),
        'strategies', (select count(*) from strat.strategies as s
                        where s.strategy_id = b.strategy_id and s.is_enabled),
        'stress_scenarios', s.m -> 'scenarios', 'stress_failures', s.m -> 'failures',
        'stress_cagr', s.m -> 'stress_cagr',
        'walk_forward_folds', w.m -> 'folds', 'walk_forward_positive', w.m -> 'positive',
        'walk_forward_drawdown', w.m -> 'worst_drawdown', 'negative_folds', w.m -> 'negative_folds',
        'cross_validation_folds', v.m -> 'folds', 'cross_validation_positive', v.m -> 'positive',
        'code_holds', (b.code_sha256 = coalesce(lab.hash_strategy(b.strategy_id), b.code_sha256))::integer,
        'lookahead_cuts', p.cuts, 'lookahead_seed', p.seed,
        'lookahead_violations', lab.count_violations(p_backtest_id),
        'rehearsals', (r.build is not null)::integer, 'rehearsal_differences', r.differences)
      from b
      left join ended as s on s.study_kind = 'STRESS'
      left join ended as w on w.study_kind = 'WALK_FORWARD'
      left join ended as v on v.study_kind = 'CROSS_VALIDATION'
      left join proof as p on true
      left join lab.rehearsals as r
             on (r.backtest_id, r.digest, r.build) = (b.backtest_id, b.digest, p_build);
$function$;

comment on function lab.measure_promotion(uuid, text) is
$$All that a promotion of a backtest is judged by: its own measures, its terms, its newest studies, its
best proof that it did not look ahead, its
rehearsal by the program p_build, and the diary; null where something was not done.$$;

create or replace function lab.push_promotion(
    p_judged lab.promotions,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if (p_judged).live_id is not null then
        perform run.store_artifact(
            (p_judged).live_id, (p_judged).config_hash, (p_judged).strategy_id,
            (p_judged).strategy_version, (p_judged).build, p_now_at);
    end if;
    perform audit.append_desk_event(
        'PROMOTION',
        case when (p_judged).is_promoted then 'PROMOTION_GRANTED' else 'PROMOTION_GATE_FAILED' end,
        to_jsonb(p_judged) - array['judged_at', 'judged_by'], p_now_at);
end;
$function$;

comment on function lab.push_promotion(lab.promotions, timestamptz) is
$$Tells the diary of a judgement, and run of an artifact that may be armed LIVE from now on.$$;

create or replace function lab.judge_promotion(
    p_backtest_id uuid,
    p_profile     text,
    p_build       text,
    p_now_at      timestamptz
)
returns lab.promotions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test     lab.backtests;
    v_judged   lab.promotions;
    v_measures jsonb;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id for update;
    perform core.assert_that(found, 'MQN81', coalesce(p_backtest_id::text, 'null'));
    perform core.assert_that(
        v_test.backtest_status <> 'CREATED', 'MQA87', p_backtest_id::text);
    perform core.assert_that(
        exists (select from lab.list_gates(p_profile)), 'MQN87', coalesce(p_profile, 'null'));
    perform core.assert_that(
        p_build ~ '^[0-9a-f]{64}$', 'MQA02', 'build is the SHA-256 of the program');
    v_measures := lab.measure_promotion(p_backtest_id, p_build);
    insert into lab.promotions (
        promotion_id, backtest_id, profile, reasons, measures, score, config_hash, data_sha256, digest,
        build, code_sha256, proof_cuts, proof_seed, strategy_id, strategy_version, audit_seq, audit_hash,
        judged_by, judged_at)
    select core.derive_id('promotion', array[
               p_backtest_id::text, p_profile, p_build, coalesce(s.version, ''), v_measures::text]),
           p_backtest_id, p_profile,
           array(select f.reason from lab.list_failures(p_profile, v_measures) as f order by f.gate_no),
           v_measures, lab.compute_score(v_measures), v_test.config_hash, d.data_sha256, v_test.digest,
           p_build, v_test.code_sha256, (v_measures ->> 'lookahead_cuts')::integer,
           (v_measures ->> 'lookahead_seed')::integer, v_test.strategy_id, s.version, h.last_seq,
           h.last_hash, audit.get_actor(), p_now_at
      from lab.datasets as d
      left join strat.strategies as s on s.strategy_id = v_test.strategy_id
      join audit.chains as h on h.chain_id = core.derive_id('chain', array['ENGINE', 'DESK'])
     where d.dataset_id = v_test.dataset_id
    on conflict (promotion_id) do nothing
    returning * into v_judged;
    if not found then
        select p.* into strict v_judged from lab.promotions as p
         where p.backtest_id = p_backtest_id and p.profile = p_profile and p.build = p_build
           and p.measures = v_measures
         order by p.judged_at desc limit 1;
        return v_judged;
    end if;
    perform lab.push_promotion(v_judged, p_now_at);
    return v_judged;
end;
$function$;

comment on function lab.judge_promotion(uuid, text, text, timestamptz) is
$$Judges whether a backtest that ended may be promoted, with all failing reasons, and keeps the judgement
with what it saw: measures, config, data, program, version, diary. The same again changes nothing.
Raises: MQN81; MQA87; MQN87; MQA02.$$;

create or replace function lab.list_promotions(
    p_profile text
)
returns table (
    rank_no   bigint,
    promotion lab.promotions
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with newest as (
        select distinct on (p.backtest_id) p.*
          from lab.promotions as p
         where p.profile = p_profile
         order by p.backtest_id, p.audit_seq desc
    )
    select r.rank_no, n::lab.promotions
      from lab.list_ranking((
               select coalesce(jsonb_agg(n.measures || jsonb_build_object(
                          'score', n.score, 'name', n.backtest_id)), '[]')
                 from newest as n where n.is_promoted)) as r
      join lab.promotions as n on n.backtest_id = (r.candidate ->> 'name')::uuid
      join newest as m using (promotion_id)
     order by r.rank_no;
$function$;

comment on function lab.list_promotions(text) is
$$The backtests whose newest judgement by a profile promoted them, ranked.$$;

create or replace trigger _100_guard_verdict before insert on lab.proofs
for each row execute function lab.tg_proofs__guard_verdict();
create or replace trigger _900_refuse_change before update or delete on lab.signal_sets
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.signal_sets
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.trials
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.trials
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.proofs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.proofs
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_result before update on lab.sweep_jobs
for each row execute function lab.tg_sweep_jobs__guard_result();
create or replace trigger _900_refuse_change before update or delete on lab.sweeps
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.sweeps
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on lab.sweep_jobs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.sweep_jobs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.datasets
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.datasets
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.packs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.packs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.derivations
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.derivations
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.studies
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.studies
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.steps
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.steps
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.results
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.results
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.outcomes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.outcomes
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.parities
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.parities
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.rehearsals
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.rehearsals
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.promotions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.promotions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.orders
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.orders
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.denials
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.denials
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.moved_stops
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.moved_stops
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.flows
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.flows
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.splits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.splits
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.adjustments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.adjustments
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.fills
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.fills
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.closes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.closes
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.curves
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.curves
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update on lab.backtests
for each row when (old.backtest_status <> 'CREATED') execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on lab.backtests
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.backtests
for each statement execute function core.tg_refuse_change();

commit;
