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

create or replace function lab.list_packs(
    p_set    lab.datasets,
    p_now_at timestamptz
)
returns setof lab.packs
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with ticks as (
        select (row_number() over (order by l.ends_at))::integer as tick_no, l.session_on, l.ends_at,
               dense_rank() over (order by l.session_on)::integer as session_no,
               l.ends_at = s.closes_at as ends_session
          from ref.list_slots(p_set.exchange_id, p_set.timeframe, p_set.from_on, p_set.to_on) as l
          join ref.sessions as s on s.exchange_id = p_set.exchange_id and s.session_on = l.session_on
         where l.ends_at <= p_now_at
    ), cells as (
        select (t.tick_no - 1) / 512 as pack_no, t.tick_no, s.symbol_no, b.*
          from ticks as t
         cross join unnest(p_set.symbols) with ordinality as s (symbol, symbol_no)
          left join lateral (
            select b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume
              from md.bars as b
             where b.symbol = s.symbol and b.timeframe = p_set.timeframe and b.bar_end_at = t.ends_at)
            as b on true
    ), values_of as (
        select c.pack_no, array_agg(c.open_micros order by c.symbol_no, c.tick_no) as opens,
               array_agg(c.high_micros order by c.symbol_no, c.tick_no) as highs,
               array_agg(c.low_micros order by c.symbol_no, c.tick_no) as lows,
               array_agg(c.close_micros order by c.symbol_no, c.tick_no) as closes,
               array_agg(c.volume order by c.symbol_no, c.tick_no) as volumes
          from cells as c
         group by c.pack_no
    ), whole as (
        select c.tick_no, count(*) = count(c.volume) as is_complete from cells as c group by c.tick_no
    )
    select p_set.dataset_id, v.pack_no, g.first_tick, g.ends_at, g.sessions, g.ends_session, g.is_complete,
           v.opens, v.highs, v.lows, v.closes, v.volumes
      from values_of as v
      join (select (t.tick_no - 1) / 512 as pack_no, min(t.tick_no) as first_tick,
                   array_agg(t.ends_at order by t.tick_no) as ends_at,
                   array_agg(t.session_no order by t.tick_no) as sessions,
                   array_agg(t.ends_session order by t.tick_no) as ends_session,
                   array_agg(w.is_complete order by t.tick_no) as is_complete
              from ticks as t join whole as w using (tick_no)
             group by 1) as g using (pack_no);
$function$;

comment on function lab.list_packs(lab.datasets, timestamptz) is
$$The bars of a dataset's cut, packed: every slot that had ended at p_now_at is a tick, whether it has bars
or not.$$;

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
    insert into lab.datasets (
        dataset_id, exchange_id, timeframe, symbols, from_on, to_on, ticks, bars, data_sha256, frozen_by,
        frozen_at)
    select p_set.dataset_id, p_set.exchange_id, p_set.timeframe, p_set.symbols, p_set.from_on, p_set.to_on,
           sum(cardinality(k.ends_at)), sum(cardinality(array_remove(k.volumes, null))),
           p_set.data_sha256, p_set.frozen_by, p_set.frozen_at
      from lab.list_packs(p_set, p_now_at) as k
    returning * into v_set;
    insert into lab.packs
    select k.* from lab.list_packs(p_set, p_now_at) as k;
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
    select string_agg(s.symbol, ', ' order by s.symbol) into v_bad
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
        select core.hash_text(string_agg(lab.hash_pack(k), ',' order by k.pack_no))
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
far as their slots had ended at p_now_at. The same bars again give the same dataset.
Why: what a backtest saw is kept and named by its digest; later bars and corrections make another dataset.
Raises: MQA01; MQA02; MQA05; MQN03 unknown symbols; MQN04 no slot.$$;

create or replace function lab.list_closes(
    p_dataset_id uuid,
    p_symbol_no  integer
)
returns bigint[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(c.close order by k.pack_no, c.nth)
      from lab.packs as k
     cross join lateral unnest(
           k.closes[(p_symbol_no - 1) * cardinality(k.ends_at) + 1 : p_symbol_no * cardinality(k.ends_at)])
           with ordinality as c (close, nth)
     where k.dataset_id = p_dataset_id;
$function$;

comment on function lab.list_closes(uuid, integer) is
$$All closes of one symbol of a dataset, tick by tick; null where there is no bar.$$;

create or replace function lab.signal_sma_trend(
    p_backtest lab.backtests
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $function$
declare
    v_fast   integer := (p_backtest.parameters ->> 'fast_bars')::integer;
    v_slow   integer := (p_backtest.parameters ->> 'slow_bars')::integer;
    v_weight bigint := (p_backtest.parameters ->> 'weight_bps')::bigint;
    v_close  bigint[];
    v_f      bigint;
    v_s      bigint;
    v_is_up  boolean;
    v_was_up boolean;
    v_tick   integer[] := '{}';
    v_amount bigint[] := '{}';
    v_n      integer;
begin
    for v_symbol in 1..(select cardinality(d.symbols) from lab.datasets as d
                         where d.dataset_id = p_backtest.dataset_id)
    loop
        v_close := lab.list_closes(p_backtest.dataset_id, v_symbol);
        v_f := 0;
        v_s := 0;
        v_was_up := false;
        v_n := 0;
        v_tick := '{}';
        v_amount := '{}';
        for t in 1..cardinality(v_close) loop
            v_f := v_f + v_close[t] - case when t > v_fast then v_close[t - v_fast] else 0 end;
            v_s := v_s + v_close[t] - case when t > v_slow then v_close[t - v_slow] else 0 end;
            v_is_up := t >= v_slow and v_f * v_slow > v_s * v_fast;
            if v_is_up <> v_was_up then
                v_n := v_n + 1;
                v_tick[v_n] := t;
                v_amount[v_n] := case when v_is_up then v_weight else 0 end;
                v_was_up := v_is_up;
            end if;
        end loop;
        insert into lab.signals (backtest_id, tick_no, symbol_no, signal_kind, amount)
        select p_backtest.backtest_id, u.t, v_symbol, 'WEIGHT', u.a
          from unnest(v_tick, v_amount) as u (t, a);
    end loop;
end;
$function$;

comment on function lab.signal_sma_trend(lab.backtests) is
$$The signals of strategy sma_trend on a whole dataset: weight_bps from the tick on which the fast sum rises
above the slow one, 0 from the tick on which it does no more. The rule of strat.decide_sma_trend_sql.$$;

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

create or replace function lab.count_alike(
    p_times bigint[],
    p_sides integer[],
    p_after bigint,
    p_side  integer
)
returns bigint
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_count bigint := 0;
    i       integer := cardinality(p_times);
begin
    while i > 0 and p_times[i] > p_after loop
        v_count := v_count + case when p_sides[i] = p_side then 1 else 0 end;
        i := i - 1;
    end loop;
    return v_count;
end;
$function$;

comment on function lab.count_alike(bigint[], integer[], bigint, integer) is
$$How many orders of one symbol and side (symbol number, negative for sales) are later than p_after.$$;

create or replace function lab.get_facts(
    p_symbol_no integer,
    p_order_qty bigint,
    p_held      bigint[],
    p_buy       bigint[],
    p_sell      bigint[],
    p_marks     bigint[]
)
returns risk.order_facts
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_facts risk.order_facts;
    v_high  bigint;
    v_low   bigint;
begin
    v_facts.order_qty := p_order_qty;
    v_facts.held_qty := p_held[p_symbol_no];
    v_facts.buy_qty := p_buy[p_symbol_no];
    v_facts.sell_qty := p_sell[p_symbol_no];
    v_facts.mark_micros := p_marks[p_symbol_no];
    v_facts.other_gross := 0;
    v_facts.other_high := 0;
    v_facts.other_low := 0;
    for i in 1..cardinality(p_held) loop
        continue when i = p_symbol_no or p_held[i] = 0 and p_buy[i] = 0 and p_sell[i] = 0;
        v_high := (p_held[i] + p_buy[i]) * p_marks[i];
        v_low := (p_held[i] - p_sell[i]) * p_marks[i];
        v_facts.other_gross := v_facts.other_gross + greatest(v_high, -v_low);
        v_facts.other_high := v_facts.other_high + v_high;
        v_facts.other_low := v_facts.other_low + v_low;
    end loop;
    return v_facts;
end;
$function$;

comment on function lab.get_facts(integer, bigint, bigint[], bigint[], bigint[], bigint[]) is
$$What a backtest's order is judged by, as far as it follows from the books: positions, unfinished buys and
sales (unsigned) and marks by symbol number. The same sums as risk.get_portfolio; the rest is filled in by
the caller.$$;

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
    v_ends     bigint[];  v_sessions integer[];  v_closing boolean[];  v_whole boolean[];
    v_open     bigint[];  v_high bigint[];  v_low bigint[];  v_close bigint[];  v_volume bigint[];
    v_nt       integer;  v_t integer;  v_now bigint;  v_tick integer := 0;
    -- the books, and what the books of the broker will say
    v_k        integer;  v_cash bigint := p_backtest.initial_cash_micros;  v_bank bigint;
    v_held     bigint[];  v_asked bigint[];  v_kind integer[];  v_last bigint[];  v_active boolean[];
    v_hl       integer[] := '{}';  v_nh integer := 0;
    -- risk
    v_eq       bigint := v_cash;  v_gross bigint;  v_day bigint := v_cash;  v_peak bigint := v_cash;
    v_floor    bigint;  v_session integer := 0;  v_reason text;  v_hole bigint;
    v_halted   integer;  v_flatten boolean;  v_done boolean := false;
    v_refused  bigint[] := '{}';  v_nr integer := 0;
    -- orders that work, by symbol, quantity and name: 1 rests, 2 is new, 3 is to be cancelled
    v_wo       integer[] := '{}';  v_ws integer[] := '{}';  v_wq bigint[] := '{}';
    v_wl       bigint[] := '{}';  v_wb integer[] := '{}';  v_wx integer[] := '{}';  v_nw integer := 0;
    -- signals
    v_st       integer[];  v_ss integer[];  v_sk integer[];  v_sa bigint[];  v_sp integer := 1;
    v_ns       integer;
    -- what is written in the end
    v_ot       integer[] := '{}';  v_os integer[] := '{}';  v_oq bigint[] := '{}';
    v_ol       text[] := '{}';  v_of bigint[] := '{}';  v_ox text[] := '{}';  v_oe integer[] := '{}';
    v_no       integer := 0;
    v_fo       integer[] := '{}';  v_ft integer[] := '{}';  v_fs integer[] := '{}';
    v_fq       bigint[] := '{}';  v_fp bigint[] := '{}';  v_ff bigint[] := '{}';  v_nf integer := 0;
    v_booked   integer := 0;  v_curve bigint[];
    -- times of allowed orders and of requests, for the rate rules
    v_at       bigint[] := '{}';  v_as integer[] := '{}';  v_aq bigint[] := '{}';
    v_mt       bigint[] := '{}';  v_nm integer := 0;
    -- scratch
    i integer;  j integer;  n integer;  x integer;  v_slip bigint;  v_price bigint;  v_qty bigint;
    v_part     bigint;  v_wanted bigint;  v_delta bigint;  v_resting bigint;  v_target bigint;
    v_moved    boolean;  v_new bigint;  v_rejects bigint;
    v_rule     text;  v_facts risk.order_facts;  v_wake boolean := false;
    v_buy      bigint[];  v_sell bigint[];  v_pl integer[];  v_pk bigint[];  v_np integer;
    v_kinds    text[];
    v_rest     text[];  v_dl bigint := p_limits.daily_loss_limit_micros;
    v_dd       bigint := p_limits.max_drawdown_micros;
begin
    select d.* into strict v_set from lab.datasets as d where d.dataset_id = p_backtest.dataset_id;
    v_k := cardinality(v_set.symbols);
    v_kinds := array(select (ref.get_listing(s.symbol, v_set.to_on)).instrument_kind
                       from unnest(v_set.symbols) with ordinality as s (symbol, nth) order by s.nth);
    v_rest := array(select risk.get_restriction(s.symbol, v_set.frozen_at)
                      from unnest(v_set.symbols) with ordinality as s (symbol, nth) order by s.nth);
    v_held := array_fill(0::bigint, array[v_k]);
    v_asked := v_held;
    v_kind := array_fill(0, array[v_k]);
    v_last := array_fill(null::bigint, array[v_k]);
    v_active := array_fill(false, array[v_k]);
    select array_agg(s.tick_no), array_agg(s.symbol_no), array_agg(s.kind), array_agg(s.amount), count(*)
      into v_st, v_ss, v_sk, v_sa, v_ns
      from (select g.tick_no, g.symbol_no, case g.signal_kind when 'SHARES' then 1 else 2 end as kind,
                   g.amount
              from lab.signals as g
             where g.backtest_id = p_backtest.backtest_id
             order by g.tick_no, g.symbol_no) as s;
    v_floor := greatest(v_day - v_dl, v_peak - v_dd, 0);

    for v_pack in
        select k.*, array(select (extract(epoch from e.at) * 1000000)::bigint
                            from unnest(k.ends_at) with ordinality as e (at, nth) order by e.nth) as ends
          from lab.packs as k where k.dataset_id = v_set.dataset_id order by k.pack_no
    loop
        v_ends := v_pack.ends;  v_sessions := v_pack.sessions;  v_closing := v_pack.ends_session;
        v_whole := v_pack.is_complete;  v_open := v_pack.opens;  v_high := v_pack.highs;
        v_low := v_pack.lows;  v_close := v_pack.closes;  v_volume := v_pack.volumes;
        v_nt := cardinality(v_ends);
        v_curve := '{}';
        for v_t in 1..v_nt loop
            v_tick := v_tick + 1;
            v_now := v_ends[v_t];
            -- 1. the market trades the bar
            v_moved := false;
            v_bank := v_cash;
            for j in 1..v_nw loop
                i := v_ws[j];
                x := (i - 1) * v_nt + v_t;
                if v_volume[x] is not null and v_tick - v_wb[j] > p_terms.latency_bars then
                    v_price := sim.compute_fill_price(
                        p_terms.fill_profile, v_wq[j], null, null, v_open[x], v_high[x], v_low[x],
                        sim.compute_slippage_bps(
                            v_high[x], v_low[x], v_close[x], p_terms.slippage_bps,
                            p_terms.volatility_mult_bps, p_terms.max_slippage_bps));
                    v_qty := case when v_price is null then 0 else
                             least(v_wl[j], v_volume[x] * p_terms.participation_bps / 10000) end;
                    if v_qty > 0 and v_wq[j] > 0 and v_bank < v_qty * v_price + sim.compute_fee(
                           v_qty, v_price, p_terms.fee_per_share_micros, p_terms.fee_bps)
                    then
                        v_ox[v_wo[j]] := 'REJECTED';
                        v_wx[j] := 0;
                        v_nr := v_nr + 1;
                        v_refused[v_nr] := v_now;
                        v_moved := true;
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
                    elsif v_closing[v_t] then
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
                    end loop;
                    v_nh := 0;
                    for i in 1..v_k loop
                        if v_held[i] <> 0 then
                            v_nh := v_nh + 1;
                            v_hl[v_nh] := i;
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
            v_curve[v_t] := v_eq;
            if v_nw > 0 then
                for j in 1..v_nw loop
                    if v_wx[j] = 0 then
                        v_oe[v_wo[j]] := v_tick;
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
                end loop;
                v_nw := n;
            end if;
            if v_reason is not null then
                -- the brake is pulled: nothing rests on, and what is held goes, if that is the rule
                v_halted := coalesce(v_halted, v_tick);
                v_flatten := coalesce(v_flatten, p_limits.flatten_on_critical and exists (
                    select from run.trip_kinds as k
                     where k.is_critical and k.trip_kind = run.get_trip_kind(
                           case v_reason when 'INTEGRITY' then v_reason else 'RISK' end, v_reason)));
                n := v_nw;
                for j in 1..n loop
                    if v_ol[v_wo[j]] = 'TARGET' then
                        v_ox[v_wo[j]] := 'CANCELED';
                        v_oe[v_wo[j]] := v_tick;
                    end if;
                end loop;
                v_done := not v_flatten;
                exit when v_done;
                for i in 1..v_k loop
                    v_resting := 0;
                    for j in 1..n loop
                        v_resting := v_resting + case when v_ws[j] = i then 1 else 0 end;
                    end loop;
                    continue when v_held[i] = 0 or v_resting > 0;
                    v_no := v_no + 1;
                    v_ot[v_no] := v_tick;
                    v_os[v_no] := i;
                    v_ol[v_no] := 'FLATTEN';
                    v_oq[v_no] := -v_held[i];
                    v_of[v_no] := 0;
                    v_ox[v_no] := 'OPEN';
                    v_oe[v_no] := null;
                    v_nw := v_nw + 1;
                    v_wo[v_nw] := v_no;
                    v_ws[v_nw] := i;
                    v_wq[v_nw] := -v_held[i];
                    v_wl[v_nw] := abs(v_held[i]);
                    v_wb[v_nw] := v_tick;
                    v_wx[v_nw] := 1;
                end loop;
                n := 0;
                for j in 1..v_nw loop  -- what was canceled is gone from the market
                    continue when v_ol[v_wo[j]] = 'TARGET';
                    n := n + 1;
                    v_wo[n] := v_wo[j];
                    v_ws[n] := v_ws[j];
                    v_wq[n] := v_wq[j];
                    v_wl[n] := v_wl[j];
                    v_wb[n] := v_wb[j];
                    v_wx[n] := v_wx[j];
                end loop;
                v_nw := n;
                v_done := v_nw = 0 and v_nh = 0;
                exit when v_done;
                continue;
            end if;
            -- 4. the strategy decides, risk judges
            while v_sp <= v_ns and v_st[v_sp] <= v_tick loop
                i := v_ss[v_sp];
                v_kind[i] := v_sk[v_sp];
                v_asked[i] := v_sa[v_sp];
                v_active[i] := true;
                v_wake := true;
                v_sp := v_sp + 1;
            end loop;
            continue when not v_wake or not v_whole[v_t];
            v_wake := false;
            v_np := 0;
            v_pl := '{}';
            v_pk := '{}';
            for i in 1..v_k loop
                continue when not v_active[i];
                v_target := case
                    when v_kind[i] = 1 or v_asked[i] = 0 then v_asked[i]
                    when sign(v_held[i]) = sign(v_asked[i]) then v_held[i]
                    else sign(v_asked[i])::bigint * div(
                        div(greatest(v_eq, 0)::numeric * abs(v_asked[i]), 10000),
                        v_close[(i - 1) * v_nt + v_t]) end;
                v_resting := 0;
                for j in 1..v_nw loop
                    if v_ws[j] = i then
                        v_resting := v_resting + sign(v_wq[j])::bigint * v_wl[j];
                    end if;
                end loop;
                v_wanted := case when sign(v_target) * sign(v_held[i]) < 0 then -v_held[i]
                                 else v_target - v_held[i] end;
                v_active[i] := v_target <> v_held[i] or v_resting <> 0
                               or v_kind[i] = 2 and v_asked[i] <> 0 and v_held[i] = 0;
                v_wake := v_wake or v_active[i];
                continue when v_wanted = v_resting;
                v_np := v_np + 1;  -- the largest sale first, then by symbol
                n := v_np;
                while n > 1 and v_pk[3 * n - 5] > v_target - v_held[i] loop
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
            continue when v_np = 0;
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
                if sign(v_delta) * sign(v_resting) < 0 then
                    for j in 1..v_nw loop
                        if v_ws[j] = i and v_wx[j] = 1 and sign(v_wanted) <> sign(v_resting) then
                            v_wx[j] := 3;
                            v_nm := v_nm + 1;
                            v_mt[v_nm] := v_now;
                        end if;
                    end loop;
                    continue;
                end if;
                v_facts := lab.get_facts(
                    i, v_delta, v_held, v_buy, v_sell,
                    array(select v_close[(s - 1) * v_nt + v_t] from generate_series(1, v_k) as s));
                v_facts.instrument_kind := v_kinds[i];
                v_facts.is_listed := true;
                v_facts.session_state := case when v_closing[v_t] then 'CLOSED' else 'OPEN' end;
                v_facts.restriction := v_rest[i];
                v_facts.reference_micros := case when v_t > 1 then v_close[x - 1] else v_last[i] end;
                v_facts.is_fresh := true;
                v_facts.equity_micros := v_eq;
                v_facts.orders := lab.count_since(v_at, v_now - p_limits.order_window_ms * 1000);
                v_facts.messages := lab.count_since(v_mt, v_now - p_limits.message_window_ms * 1000);
                v_facts.repeats := lab.count_alike(
                    v_at, v_as, v_now - p_limits.repeat_window_ms * 1000,
                    i * sign(v_delta)::integer);
                v_rule := risk.find_denial(p_limits, v_facts);
                if v_rule is not null then
                    insert into lab.denials (backtest_id, tick_no, symbol_no, order_qty, rule)
                    values (p_backtest.backtest_id, v_tick, i, v_delta, v_rule);
                    continue;
                end if;
                v_no := v_no + 1;
                v_ot[v_no] := v_tick;
                v_os[v_no] := i;
                v_ol[v_no] := 'TARGET';
                v_oq[v_no] := v_delta;
                v_of[v_no] := 0;
                v_ox[v_no] := 'OPEN';
                v_oe[v_no] := null;
                v_at[cardinality(v_at) + 1] := v_now;
                v_as[cardinality(v_as) + 1] := i * sign(v_delta)::integer;
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
            end loop;
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
                if v_moved or v_wq[j] * v_close[(i - 1) * v_nt + v_t] > v_cash
                   or sign(v_held[i]) * sign(v_wq[j]) < 0 and v_wl[j] + v_resting > abs(v_held[i])
                then
                    v_ox[v_wo[j]] := 'REJECTED';
                    v_oe[v_wo[j]] := v_tick;
                    v_wx[j] := 0;
                    v_nr := v_nr + 1;
                    v_refused[v_nr] := v_now;
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
                    n := n - 1;
                end loop;
                v_wo[n] := v_pl[1];
                v_ws[n] := v_pl[2];
                v_wb[n] := v_pl[3];
                v_wq[n] := v_pk[1];
                v_wl[n] := v_pk[2];
                v_wx[n] := v_pl[4];
            end loop;
            v_done := v_reason is not null;
            exit when v_done;
        end loop;
        insert into lab.curves (backtest_id, pack_no, equity_micros)
        values (p_backtest.backtest_id, v_pack.pack_no, v_curve);
        exit when v_done;
        for i in 1..v_k loop
            v_last[i] := v_close[i * v_nt];
        end loop;
    end loop;
    insert into lab.orders (
        backtest_id, order_no, tick_no, symbol_no, leg, order_qty, filled_qty, order_status, ended_tick)
    select p_backtest.backtest_id, u.nth, u.t, u.s, u.l, u.q, u.f, u.x, u.e
      from unnest(v_ot, v_os, v_ol, v_oq, v_of, v_ox, v_oe) with ordinality
           as u (t, s, l, q, f, x, e, nth);
    insert into lab.fills (
        backtest_id, fill_no, order_no, tick_no, symbol_no, fill_qty, price_micros, fee_micros)
    select p_backtest.backtest_id, u.nth, u.o, u.t, u.s, u.q, u.p, u.f
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
    v_fill   record;
    v_symbol integer := 0;
    v_no integer[];  v_open bigint[];  v_price bigint[];  v_head integer;  v_tail integer;
    v_left bigint;  v_close bigint;
    v_n integer := 0;  v_s integer[] := '{}';  v_e integer[] := '{}';  v_x integer[] := '{}';
    v_q bigint[] := '{}';  v_p bigint[] := '{}';  v_r bigint[] := '{}';
begin
    for v_fill in
        select f.symbol_no, f.fill_no, f.fill_qty, f.price_micros
          from (select f.*, o.tick_no as given, min(f.order_no) over w <> max(f.order_no) over w as is_tie
                  from lab.fills as f
                  join lab.orders as o using (backtest_id, order_no)
                 where f.backtest_id = (p_backtest).backtest_id
                window w as (partition by f.symbol_no, f.tick_no)) as f
         order by f.symbol_no, f.tick_no,
                  case when f.is_tie then sim.derive_order_id(
                       (p_terms).account_id, oms.derive_client_order_id(
                       (p_terms).engine_id, lab.derive_order_name(
                           p_terms, (p_backtest).dataset_id, f.given, f.symbol_no))) end,
                  f.fill_no
    loop
        if v_fill.symbol_no <> v_symbol then
            v_symbol := v_fill.symbol_no;
            v_no := '{}';  v_open := '{}';  v_price := '{}';  v_head := 1;  v_tail := 0;
        end if;
        v_left := v_fill.fill_qty;
        while v_left <> 0 and v_head <= v_tail loop
            v_close := ledger.compute_close_qty(v_open[v_head], v_left);
            exit when v_close = 0;
            v_n := v_n + 1;
            v_s[v_n] := v_symbol;  v_e[v_n] := v_no[v_head];  v_x[v_n] := v_fill.fill_no;
            v_q[v_n] := v_close;  v_p[v_n] := v_price[v_head];  v_r[v_n] := v_fill.price_micros;
            v_open[v_head] := v_open[v_head] - v_close;
            v_left := v_left + v_close;
            v_head := v_head + case when v_open[v_head] = 0 then 1 else 0 end;
        end loop;
        if v_left <> 0 then
            v_tail := v_tail + 1;
            v_no[v_tail] := v_fill.fill_no;  v_open[v_tail] := v_left;
            v_price[v_tail] := v_fill.price_micros;
        end if;
    end loop;
    insert into lab.closes (
        backtest_id, close_no, symbol_no, entry_fill_no, exit_fill_no, closed_qty, entry_price_micros,
        exit_price_micros)
    select (p_backtest).backtest_id, u.nth, u.s, u.e, u.x, u.q, u.p, u.r
      from unnest(v_s, v_e, v_x, v_q, v_p, v_r) with ordinality as u (s, e, x, q, p, r, nth);
end;
$function$;

comment on function lab.match_fills(lab.backtests, lab.terms) is
$$Closes lots with the fills of a backtest, first in, first out by symbol: what ledger.match_lots does one
fill at a time, with the same function for how much is closed; at one tick in the order of their names.$$;

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
                                     o.filled_qty, o.order_status, o.ended_tick), ';' order by o.order_no)
           from lab.orders as o where o.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', f.fill_no, f.order_no, f.tick_no, f.symbol_no, f.fill_qty,
                                     f.price_micros, f.fee_micros), ';' order by f.fill_no)
           from lab.fills as f where f.backtest_id = p_backtest_id),
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
$$SHA-256 of all that a backtest gave: orders, fills, denials, closed lots and the equity of every tick.$$;

create or replace function lab.open_backtest(
    p_dataset_id     uuid,
    p_canonical_json text,
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
    v_set    lab.datasets;
    v_id     uuid := core.derive_id('backtest', array[p_dataset_id::text, v_hash]
                                    || nullif(p_latency_bars, 0)::text);
    v_test   lab.backtests;
    v_bad    text;
begin
    select d.* into v_set from lab.datasets as d where d.dataset_id = p_dataset_id;
    perform core.assert_that(found, 'MQN80', p_dataset_id::text);
    perform core.assert_that(
        v_config #>> '{risk,pdt,mode}' = 'OFF' and v_config #>> '{strategy,protective_stop_bps}' = '0',
        'MQA80', 'risk.pdt.mode OFF and strategy.protective_stop_bps 0');
    select string_agg(format('%s %s', a.symbol, md.format_terms(a)), ', ' order by a.effective_at)
      into v_bad
      from unnest(v_set.symbols) as s (symbol)
     cross join lateral md.list_actions_as_of(s.symbol, v_set.frozen_at) as a
      join ref.sessions as e on e.exchange_id = v_set.exchange_id and e.session_on = v_set.from_on
     where a.effective_at > e.opens_at and a.effective_at <= v_set.frozen_at
       and a.effective_at < (v_set.to_on + 1)::timestamp at time zone 'UTC';
    perform core.assert_that(v_bad is null, 'MQA80', 'no corporate action within the dataset: ' || v_bad);
    insert into lab.backtests (
        backtest_id, dataset_id, config_hash, strategy_id, parameters, initial_cash_micros,
        latency_bars, backtest_status, created_by, created_at)
    values (v_id, p_dataset_id, v_hash,
            v_config #>> '{strategy,strategy_id}', v_config #> '{strategy,parameters}',
            core.parse_micros(v_config #>> '{broker,initial_cash}'), p_latency_bars, 'CREATED',
            audit.get_actor(), p_now_at)
    on conflict (backtest_id) do nothing;
    select b.* into strict v_test from lab.backtests as b where b.backtest_id = v_id;
    return v_test;
end;
$function$;

comment on function lab.open_backtest(uuid, text, integer, timestamptz) is
$$Opens the backtest of a config, in canonical json, on a dataset: the same are the same backtest.
p_latency_bars: how many bars pass an order by before it can trade, 0 but in a stress test.
Raises: MQN80 no such dataset; MQA80 a rule that a backtest cannot follow yet.$$;

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
    if v_test.strategy_id = 'sma_trend_sql' then
        perform lab.signal_sma_trend(v_test);
    end if;
    v_terms := row(
        v_config #>> '{engine,engine_id}', v_config #>> '{broker,account_id}', v_test.strategy_id,
        coalesce(p_id_base, p_backtest_id), v_config #>> '{execution,fill_profile}',
        v_config #>> '{execution,slippage_bps}', v_config #>> '{execution,volatility_mult_bps}',
        v_config #>> '{execution,max_slippage_bps}', v_config #>> '{execution,fee_per_share_micros}',
        v_config #>> '{execution,fee_bps}', v_config #>> '{execution,participation_bps}',
        v_config #>> '{execution,split_above_qty}',
        (v_config #>> '{data,stale_data_threshold_seconds}')::bigint * 1000,
        v_test.latency_bars)::lab.terms;
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
as it is. p_id_base: the run whose order names break ties, or null.
Raises: MQN81 no such backtest.$$;

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
          from t
          join lab.packs as k using (dataset_id)
         cross join lateral unnest(k.ends_at) with ordinality as e (at, nth)
    )
    select 'order', row_number() over (order by o.order_no),
           format('%s %s %s, filled %s', case o.leg when 'TARGET' then core.format_iso(k.at)
                                                    else lower(o.leg) end,
                  t.symbols[o.symbol_no], o.order_qty,
                  o.filled_qty)
      from t join lab.orders as o using (backtest_id) join ticks as k using (tick_no)
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
           format('%s %s from %s to %s', t.symbols[c.symbol_no], c.closed_qty, c.entry_price_micros,
                  c.exit_price_micros)
      from t join lab.closes as c using (backtest_id)
     union all
    select 'end', 1, format('cash %s, equity %s, %s', t.cash_micros, t.equity_micros,
                            coalesce('halted ' || core.format_iso(t.halted_at), 'not halted'))
      from t;
$function$;

comment on function lab.list_acts(uuid) is
$$What a backtest did and how it ended, one line an act, numbered within its kind.$$;

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
           format('%s %s %s, filled %s', case i.leg when 'TARGET' then core.format_iso(i.bar_end_at)
                                                    else lower(i.leg) end, o.symbol, o.order_qty, o.cum_qty)
      from oms.orders as o
      join oms.intents as i using (run_id, intent_id)
      join oms.outbox as b on b.run_id = o.run_id and b.order_id = o.order_id and b.request_kind = 'SUBMIT'
     where o.run_id = p_run_id
     union all
    select 'denial', row_number() over (order by i.bar_end_at, d.symbol collate "C"),
           format('%s %s %s, %s', core.format_iso(i.bar_end_at), d.symbol, d.order_qty, d.rule)
      from risk.decisions as d
      join oms.intents as i using (run_id, intent_id)
     where d.run_id = p_run_id and d.verdict = 'DENY'
     union all
    select 'fill', row_number() over (order by f.fill_seq),
           format('%s %s at %s, fee %s', f.symbol, f.fill_qty, f.price_micros, f.fee_micros)
      from ledger.fills as f
     where f.run_id = p_run_id
     union all
    select 'closed lot', row_number() over (order by c.symbol collate "C", c.fill_seq, c.lot_seq),
           format('%s %s from %s to %s', c.symbol, c.closed_qty, c.entry_price_micros,
                  c.exit_price_micros)
      from ledger.lot_closes as c
      join ledger.positions as p using (run_id, symbol, match_no)
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

create or replace function lab.list_days(
    p_backtest_id uuid
)
returns table (
    session_no    integer,
    session_on    date,
    equity_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct on (e.session_no) e.session_no, (e.ends_at at time zone 'UTC')::date, e.equity
      from lab.backtests as b
      join lab.packs as k using (dataset_id)
      join lab.curves as c using (backtest_id, pack_no)
     cross join lateral unnest(k.ends_at, k.sessions, c.equity_micros)
           as e (ends_at, session_no, equity)
     where b.backtest_id = p_backtest_id and e.equity is not null
     order by e.session_no, e.ends_at desc;
$function$;

comment on function lab.list_days(uuid) is
$$Equity of a backtest at the end of each session, in micros.$$;

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
             cross join lateral lab.list_days(b.backtest_id) as d) as r;
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
    with days as (
        select d.*, lag(d.equity_micros, 5) over (order by d.session_no) as five_before,
               lead(d.session_on) over (order by d.session_no) as next_on
          from lab.list_days(p_backtest_id) as d
    ), months as (
        select d.equity_micros > lag(d.equity_micros) over (order by d.session_no) as is_up
          from days as d
         where date_trunc('month', d.next_on) is distinct from date_trunc('month', d.session_on)
    ), curve as (
        select array_agg(d.equity_micros order by d.session_no) as equity, count(*) as sessions,
               min(d.session_on) as first_on, max(d.session_on) as last_on,
               min(d.equity_micros::numeric / nullif(d.five_before, 0) - 1) as worst_five_days
          from days as d
    ), traded as (
        select sum(abs(f.fill_qty)::numeric * f.price_micros) as notional, sum(f.fee_micros) as fees
          from lab.fills as f where f.backtest_id = p_backtest_id
    ), closed as (
        select count(*) as trades, array_agg(c.realized_micros::numeric) as profits
          from lab.closes as c where c.backtest_id = p_backtest_id
    ), returns as (
        select lab.list_returns(array[p_backtest_id]) as series
    )
    select jsonb_build_object(
        'completed', (b.backtest_status = 'COMPLETED')::integer, 'halt_reason', b.halt_reason,
        'sessions', c.sessions, 'trades', x.trades, 'end_micros', b.equity_micros,
        'total_return', round(b.equity_micros::numeric / b.initial_cash_micros - 1, 9),
        'cagr', round(lab.compute_cagr(
            b.initial_cash_micros, b.equity_micros, c.first_on, c.last_on), 9),
        'max_drawdown', round(-lab.compute_max_drawdown_micros(
            array[b.initial_cash_micros] || c.equity), 9),
        'sharpe', round(lab.compute_sharpe(r.series), 9),
        'volatility', round(lab.compute_annual_volatility(r.series), 9),
        'profit_factor', round(lab.compute_profit_factor(x.profits || -t.fees::numeric), 9),
        'profitable_months', (
            select round(avg(m.is_up::integer), 9) from months as m where m.is_up is not null),
        'worst_five_days', round(c.worst_five_days, 9),
        'daily_turnover', round(t.notional / nullif(b.initial_cash_micros, 0) / c.sessions, 9),
        'active_days', (select round(avg((v.value <> 0)::integer), 9)
                          from unnest(r.series) as v (value)))
      from lab.backtests as b
     cross join curve as c
     cross join traded as t
     cross join closed as x
     cross join returns as r
     where b.backtest_id = p_backtest_id;
$function$;

comment on function lab.measure_backtest(uuid) is
$$What a backtest is judged by, in ratios of nine decimals; null where a figure is undefined. Profit factor:
profits of closed lots over their losses and all fees. Months: the share of steps from month end to month
end that rose. Worst five days: of all runs of five sessions. Active: sessions on which equity moved.$$;

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
strict
parallel safe
return greatest(1, case p_change_kind
    when 'GAPS' then p_price * (array[100, 90, 99])[p_third] / 100
    when 'BEAR' then case when p_third < 3 then p_price
                          else round(p_price * power(0.998, p_sessions))::bigint end
    when 'WILD' then case p_third
        when 1 then p_price
        when 2 then greatest(p_anchor / 10, 2 * p_price - p_anchor)
        else (p_price::numeric * greatest(p_anchor / 10, 2 * p_pivot - p_anchor) / p_pivot)::bigint end
    else p_price end);

comment on function lab.shock_price(text, bigint, integer, integer, bigint, bigint) is
$$A price of a changed dataset, in micros, in the first, second or last third of its ticks. GAPS: down by
a tenth after the first third, up by a tenth after the second. BEAR: 20 bps less with each session of the
last third. WILD: moves from p_anchor, the last close of the first third, are doubled in the second; from
p_pivot, the last close of that, on as they were. SLICE: as it was.
Why: integers and one power of a constant, the same on every machine.$$;

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
    with ticks as (
        select e.*, k.pack_no, k.first_tick + e.nth::integer - 1 - p_stretch.first_tick as n,
               1 + (k.first_tick + e.nth::integer - 1 - p_stretch.first_tick) * 3
                   / (p_stretch.last_tick - p_stretch.first_tick + 1) as third
          from lab.packs as k
         cross join lateral unnest(k.ends_at, k.sessions, k.ends_session, k.is_complete)
               with ordinality as e (ends_at, session_no, ends_session, is_complete, nth)
         where k.dataset_id = p_source
           and k.first_tick + e.nth - 1 between p_stretch.first_tick and p_stretch.last_tick
    ), cells as (
        select t.n, t.n / 512 as pack_no, t.third, t.session_no, e.*, z.symbol_no
          from lab.packs as k
         cross join lateral unnest(k.opens, k.highs, k.lows, k.closes, k.volumes)
               with ordinality as e (o, h, l, c, v, nth)
         cross join lateral (select (e.nth - 1) / cardinality(k.ends_at) as symbol_no) as z
          join ticks as t
            on t.pack_no = k.pack_no and t.nth = e.nth - z.symbol_no * cardinality(k.ends_at)
         where k.dataset_id = p_source
    ), turns as (
        select c.symbol_no,
               coalesce((array_agg(c.c order by c.n desc) filter (
                   where c.third = 1 and c.c is not null))[1], 1) as anchor,
               coalesce((array_agg(c.c order by c.n desc) filter (
                   where c.third = 2 and c.c is not null))[1], 1) as pivot,
               coalesce(max(c.session_no) filter (where c.third = 2), 0) as turned
          from cells as c group by c.symbol_no
    ), shocked as (
        select c.*, lab.shock_price(k.kind, c.o, c.third, c.session_no - u.turned, u.anchor, u.pivot) as so,
               lab.shock_price(k.kind, c.h, c.third, c.session_no - u.turned, u.anchor, u.pivot) as sh,
               lab.shock_price(k.kind, c.l, c.third, c.session_no - u.turned, u.anchor, u.pivot) as sl,
               lab.shock_price(k.kind, c.c, c.third, c.session_no - u.turned, u.anchor, u.pivot) as sc
          from (select p_stretch.change_kind as kind) as k
         cross join (cells as c join turns as u using (symbol_no))
    ), packed as (
        select c.pack_no, array_agg(c.so order by c.symbol_no, c.n) as opens,
               array_agg(c.sh order by c.symbol_no, c.n) as highs,
               array_agg(c.sl order by c.symbol_no, c.n) as lows,
               array_agg(c.sc order by c.symbol_no, c.n) as closes,
               array_agg(c.v order by c.symbol_no, c.n) as volumes
          from shocked as c
         group by c.pack_no
    )
    select p_set.dataset_id, p.pack_no, p.pack_no * 512 + 1, array_agg(t.ends_at order by t.n),
           array_agg(t.session_no - (select min(m.session_no) from ticks as m) + 1 order by t.n),
           array_agg(t.ends_session order by t.n), array_agg(t.is_complete order by t.n),
           p.opens, p.highs, p.lows, p.closes, p.volumes
      from packed as p
      join ticks as t on t.n / 512 = p.pack_no
     group by p.pack_no, p.opens, p.highs, p.lows, p.closes, p.volumes;
$function$;

comment on function lab.list_derived_packs(lab.datasets, uuid, lab.stretch) is
$$The packs of a stretch of another dataset, its prices changed by lab.shock_price.$$;

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
           p_latency_bars, p_now_at) as o
     where b.backtest_id = (p_study).backtest_id;
$function$;

comment on function lab.add_step(
    lab.studies, integer, text, text, integer, lab.stretch, integer, timestamptz) is
$$Adds a step to a study: opens the backtest of a stretch of its dataset with the costs of a scenario and
one of its choices of parameters.$$;

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
    select s.* into v_study from lab.studies as s where s.study_id = p_study_id for update;
    perform core.assert_that(found, 'MQN86', p_study_id::text);
    v_step := lab.find_step(p_study_id);
    if v_step.study_id is null and v_study.terms ? 'folds' then
        perform lab.plan_tests(v_study, p_now_at);
        v_step := lab.find_step(p_study_id);
    end if;
    if v_step.study_id is null then
        perform lab.end_study(v_study, p_now_at);
        return;
    end if;
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
Raises: MQN86.$$;

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
        ('parity_runs', true, 1, 1), ('parity_differences', false, 0, 0))
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

create or replace function lab.measure_promotion(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as (
        select b.*, c.config from lab.backtests as b join run.configs as c using (config_hash)
         where b.backtest_id = p_backtest_id
    ), ended as (
        select distinct on (s.study_kind) s.study_kind, o.measures as m
          from lab.studies as s
          join lab.outcomes as o using (study_id)
         where s.backtest_id = p_backtest_id
         order by s.study_kind, o.ended_at desc, s.study_id
    ), desk as (
        select core.derive_id('chain', array['ENGINE', 'DESK']) as chain_id
    ), parity as (
        select p.* from lab.parities as p join b using (backtest_id, digest)
         order by p.judged_at desc, p.run_id, p.last_seq desc limit 1
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
        'parity_runs', (p.run_id is not null)::integer, 'parity_differences', p.differences)
      from b
      left join ended as s on s.study_kind = 'STRESS'
      left join ended as w on w.study_kind = 'WALK_FORWARD'
      left join ended as v on v.study_kind = 'CROSS_VALIDATION'
      left join parity as p on true;
$function$;

comment on function lab.measure_promotion(uuid) is
$$All that a promotion of a backtest is judged by: its own measures, its terms, its newest studies, its
newest parity with a run, and the diary; null where something was not done.$$;

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
    v_measures := lab.measure_promotion(p_backtest_id);
    insert into lab.promotions (
        promotion_id, backtest_id, profile, reasons, measures, score, config_hash, data_sha256, digest,
        build, strategy_id, strategy_version, audit_seq, audit_hash, judged_by, judged_at)
    select core.derive_id('promotion', array[
               p_backtest_id::text, p_profile, p_build, coalesce(s.version, ''), v_measures::text]),
           p_backtest_id, p_profile,
           array(select f.reason from lab.list_failures(p_profile, v_measures) as f order by f.gate_no),
           v_measures, lab.compute_score(v_measures), v_test.config_hash, d.data_sha256, v_test.digest,
           p_build, v_test.strategy_id, s.version, h.last_seq, h.last_hash, audit.get_actor(), p_now_at
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
create or replace trigger _900_refuse_change before update or delete on lab.promotions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.promotions
for each statement execute function core.tg_refuse_change();

commit;
