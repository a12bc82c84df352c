-- Deploy mqk:risk/code to pg
-- built from sql/risk by `make code`: edit there

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

create or replace function risk.compute_limits(
    p_run_id        uuid,
    p_equity_micros bigint,
    p_risk          jsonb
)
returns risk.limits
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(
        p_run_id,
        trunc(p_equity_micros * (p_risk ->> 'daily_loss_limit')::numeric)::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_drawdown')::numeric)::bigint,
        (p_risk ->> 'max_order_qty')::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_order_notional')::numeric)::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_position_per_symbol')::numeric)::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_gross_exposure')::numeric)::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_net_exposure')::numeric)::bigint,
        trunc(10000 * (p_risk ->> 'max_leverage')::numeric)::bigint,
        trunc(10000 * (p_risk ->> 'halt_leverage')::numeric)::bigint,
        trunc(10000 * (p_risk ->> 'max_concentration')::numeric)::bigint,
        (p_risk ->> 'price_collar_bps')::integer,
        (p_risk #>> '{order_rate,max_orders}')::bigint,
        (p_risk #>> '{order_rate,window_seconds}')::bigint * 1000,
        (p_risk #>> '{message_rate,max_messages}')::bigint,
        (p_risk #>> '{message_rate,window_seconds}')::bigint * 1000,
        (p_risk #>> '{repeated_execution,max_orders}')::bigint,
        (p_risk #>> '{repeated_execution,window_seconds}')::bigint * 1000,
        p_risk ->> 'allowed_session',
        p_risk #>> '{pdt,mode}',
        (p_risk #>> '{pdt,max_day_trades}')::bigint,
        core.parse_micros(p_risk #>> '{pdt,min_equity}'),
        (p_risk ->> 'flatten_on_critical')::boolean,
        (p_risk #>> '{reject_storm,max_rejects}')::integer,
        (p_risk #>> '{reject_storm,window_seconds}')::bigint * 1000,
        (p_risk ->> 'allow_short')::boolean)::risk.limits;
$function$;

comment on function risk.compute_limits(uuid, bigint, jsonb) is
$$The limits of a run: the ratios of config.risk in micros of its opening equity, those of its equity now
in ten-thousandths; rounded down.$$;

create or replace function risk.set_limits(
    p_run_id        uuid,
    p_equity_micros bigint,
    p_risk          jsonb,
    p_session_on    date,
    p_now_at        timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into risk.limits
    select l.* from risk.compute_limits(p_run_id, p_equity_micros, p_risk) as l;

    insert into risk.states (
        run_id, session_on, day_start_micros, peak_micros, equity_micros, gross_micros,
        worst_day_micros, worst_fall_micros, evaluated_at)
    values (p_run_id, p_session_on, p_equity_micros, p_equity_micros, p_equity_micros, 0, 0, 0,
            p_now_at);
    select audit.append_event(
               p_run_id, 'RISK', 'LIMITS_SET',
               jsonb_build_object(
                   'session_on', p_session_on, 'equity_micros', p_equity_micros,
                   'limits', to_jsonb(l) - 'run_id'), p_now_at)
      from risk.limits as l
     where l.run_id = p_run_id;
$function$;

comment on function risk.set_limits(uuid, bigint, jsonb, date, timestamptz) is
$$Pins the limits of a run at its creation, and begins its risk state; both in the diary.
Raises: 23514 a limit is zero or negative, or halt_leverage below max_leverage; 23502 one is missing.$$;

create or replace function risk.is_breached(
    p_equity_micros bigint,
    p_from_micros   bigint,
    p_limit_micros  bigint
)
returns boolean
language sql
immutable
parallel safe
return (p_equity_micros <= p_from_micros - p_limit_micros) is not false;

comment on function risk.is_breached(bigint, bigint, bigint) is
$$True when equity has fallen by the limit or more from where it is measured; touching it counts,
and so does anything unknown.$$;

create or replace function risk.record_reject(
    p_run_id    uuid,
    p_reference text,
    p_now_at    timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into risk.rejects (run_id, reject_seq, reference, rejected_at)
    select p_run_id, coalesce(max(r.reject_seq), 0) + 1, p_reference,
           run.clamp_now(p_run_id, p_now_at)
      from risk.rejects as r
     where r.run_id = p_run_id
    on conflict (run_id, reference) do nothing;
$function$;

comment on function risk.record_reject(uuid, text, timestamptz) is
$$Counts an order that the broker refused, once.$$;

create or replace function risk.roll_state(
    p_run_id        uuid,
    p_session_on    date,
    p_equity_micros bigint,
    p_gross_micros  bigint,
    p_now_at        timestamptz
)
returns risk.states
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    update risk.states as s
       set session_on        = greatest(s.session_on, p_session_on),
           day_start_micros  = d.day_start,
           peak_micros       = greatest(s.peak_micros, p_equity_micros),
           equity_micros     = p_equity_micros,
           gross_micros      = p_gross_micros,
           worst_day_micros  = greatest(s.worst_day_micros, d.day_start - p_equity_micros),
           worst_fall_micros = greatest(s.worst_fall_micros, s.peak_micros - p_equity_micros),
           evaluated_at      = p_now_at
      from (select b.run_id, case when p_session_on > b.session_on then b.equity_micros
                                  else b.day_start_micros end as day_start
              from risk.states as b
             where b.run_id = p_run_id) as d
     where s.run_id = p_run_id
    returning s.*;
$function$;

comment on function risk.roll_state(uuid, date, bigint, bigint, timestamptz) is
$$Brings a run's risk state to a new equity and gross exposure.
A new session starts its day at the equity before it.
Why: the day is an exchange session; the peak is never reset.$$;

create or replace function risk.name_breach(
    p_limits           risk.limits,
    p_equity_micros    bigint,
    p_day_start_micros bigint,
    p_peak_micros      bigint,
    p_gross_micros     bigint,
    p_rejects          bigint
)
returns text
language sql
immutable
parallel safe
return case
    when p_equity_micros <= 0 then 'EQUITY_EXHAUSTED'
    when risk.is_breached(
             p_equity_micros, p_day_start_micros, (p_limits).daily_loss_limit_micros)
        then 'DAILY_LOSS_LIMIT'
    when risk.is_breached(p_equity_micros, p_peak_micros, (p_limits).max_drawdown_micros)
        then 'MAX_DRAWDOWN'
    when (p_gross_micros::numeric * 10000
          <= p_equity_micros::numeric * (p_limits).halt_leverage_bps) is not true then 'LEVERAGE_LIMIT'
    when p_rejects >= (p_limits).reject_storm_max_rejects then 'REJECT_STORM' end;

comment on function risk.name_breach(risk.limits, bigint, bigint, bigint, bigint, bigint) is
$$The first loss or reject limit that is broken, or null: equity gone, daily loss, drawdown, leverage,
reject storm (p_rejects: refused orders within its window).
Why: one place for the order of the rules, for a run and for a backtest.$$;

create or replace function risk.find_breach(
    p_state  risk.states,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select risk.name_breach(
               l, p_state.equity_micros, p_state.day_start_micros, p_state.peak_micros,
               p_state.gross_micros,
               (select count(*) from risk.rejects as r
                 where r.run_id = p_state.run_id
                   and r.rejected_at > p_now_at - l.reject_storm_window_ms * interval '1 ms'))
      from (values (p_state.run_id)) as s (run_id)
      left join risk.limits as l on l.run_id = s.run_id;
$function$;

comment on function risk.find_breach(risk.states, timestamptz) is
$$The first loss or reject limit that a run breaks, or null.
A run without limits or equity breaks the first that cannot be judged.$$;

create or replace function risk.evaluate(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run     run.runs;
    v_now_at  timestamptz;
    v_worth   record;
    v_session date;
    v_state   risk.states;
    v_breach  text;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    if exists (select from ledger.list_due_actions(p_run_id, v_now_at)) then
        return 'a corporate action is due';
    end if;
    select e.* into strict v_worth
      from ledger.compute_exposure(p_run_id, md.get_marks(p_run_id, v_now_at)) as e;
    select s.session_on into v_session
      from md.policies as p
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral ref.get_closed_slot(i.exchange_id, p.timeframe, v_now_at) as s
     where p.run_id = p_run_id
     limit 1;
    perform core.assert_that(v_session is not null, 'MQN04', v_now_at::text);

    v_state := risk.roll_state(p_run_id, v_session, v_worth.equity_micros, v_worth.gross_micros, v_now_at);
    perform ledger.record_equity(
        p_run_id, v_session, v_worth.cash_micros, v_worth.net_micros, v_worth.gross_micros, v_now_at);
    v_breach := risk.find_breach(v_state, v_now_at);
    perform run.set_gate(
        p_run_id, 'RISK', v_breach is null, coalesce(v_breach, 'within limits'),
        to_jsonb(v_state) - array['run_id', 'evaluated_at'],
        v_now_at + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    perform risk.set_day_trader_flag(
        v_run.account_id, true, d.day_trades, 'found by risk.evaluate', v_now_at)
       from risk.limits as l
      cross join lateral (
         select risk.count_day_trades(v_run.account_id, v_now_at) as day_trades) as d
      where l.run_id = p_run_id and l.pdt_mode <> 'OFF' and d.day_trades > l.pdt_max_day_trades;
    return coalesce(v_breach, 'within limits');
end;
$function$;

comment on function risk.evaluate(uuid, timestamptz) is
$$Marks a run to market, rolls its day and peak, looks for a breach and sets gate RISK.
Gives 'within limits' or the breach; while a corporate action is due nothing is judged, and the gate stays
open no longer than its last proof.
Why: run after every applied fill and at every bar, so that a loss without a signal is seen too.
Raises: MQN02; MQN04; MQI02 a held symbol has no mark.$$;

create or replace function risk.is_reducing(
    p_held_qty  bigint,
    p_buy_qty   bigint,
    p_sell_qty  bigint,
    p_order_qty bigint
)
returns boolean
language sql
immutable
parallel safe
return coalesce(
    p_held_qty > 0 and p_order_qty < 0 and p_sell_qty - p_order_qty <= p_held_qty
    or p_held_qty < 0 and p_order_qty > 0 and p_buy_qty + p_order_qty <= -p_held_qty, false);

comment on function risk.is_reducing(bigint, bigint, bigint, bigint) is
$$True when an order of p_order_qty signed shares can only bring a position nearer to zero, whatever of
the other unfinished orders (p_buy_qty, p_sell_qty: unsigned) is filled, and in whatever order.
Why: a flip is not a reduction, and neither are two orders that close the same shares.$$;

create or replace function risk.find_pdt_denial(
    p_limits risk.limits,
    p_facts  risk.order_facts
)
returns text
language sql
immutable
parallel safe
return case
    when (p_limits).pdt_mode = 'OFF' then null
    when (p_facts).day_trades is null or (p_facts).is_flagged is null then 'PDT_UNKNOWN'
    when (p_limits).pdt_mode = 'AUTO'
         and (p_facts).equity_micros >= (p_limits).pdt_min_equity_micros then null
    when (p_facts).is_flagged and (p_facts).equity_micros < (p_limits).pdt_min_equity_micros
        then 'PDT_FLAGGED_BELOW_MIN_EQUITY'
    when (p_facts).is_flagged then 'PDT_FLAGGED'
    when (p_facts).day_trades >= (p_limits).pdt_max_day_trades then 'PDT_WOULD_EXCEED_LIMIT'
end;

comment on function risk.find_pdt_denial(risk.limits, risk.order_facts) is
$$The pattern day trader rule that denies a new position, or null. AUTO looks below
pdt_min_equity_micros only, ALWAYS at any equity.
Why: a position that is opened may have to be closed today, which is the day trade; closing is never
denied, so opening is.$$;

create or replace function risk.is_beside_stop(
    p_facts risk.order_facts
)
returns boolean
language sql
immutable
parallel safe
return num_nonnulls((p_facts).limit_micros, (p_facts).stop_micros) > 0
       and (p_facts).held_qty <> 0 and (p_facts).is_guarded is not false;

comment on function risk.is_beside_stop(risk.order_facts) is
$$Whether an order with prices would rest where a protective stop must.$$;

create or replace function risk.is_beyond_collar(
    p_limits risk.limits,
    p_facts  risk.order_facts
)
returns boolean
language sql
immutable
parallel safe
return abs((p_facts).mark_micros - (p_facts).reference_micros)::numeric * 10000
       > (p_facts).reference_micros::numeric * (p_limits).price_collar_bps
       or coalesce(
           greatest(abs((p_facts).limit_micros - (p_facts).mark_micros),
                    abs((p_facts).stop_micros - (p_facts).mark_micros))::numeric * 10000
           > (p_facts).mark_micros::numeric * (p_limits).price_collar_bps, false);

comment on function risk.is_beyond_collar(risk.limits, risk.order_facts) is
$$Whether the mark is too far from the close before it, or a price of the order too far from the mark.$$;

create or replace function risk.find_denial(
    p_limits risk.limits,
    p_facts  risk.order_facts
)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
declare
    l       alias for p_limits;
    f       alias for p_facts;
    v_rule  text;
    v_high  bigint;  v_low bigint;
    v_worst bigint;
    v_price bigint := greatest(f.mark_micros, f.limit_micros, f.stop_micros);
begin
    v_rule := case
        when f.instrument_kind = 'INDEX' then 'NOT_TRADABLE'
        when risk.is_beside_stop(f) then 'PROTECTED_POSITION'
        when risk.is_reducing(f.held_qty, f.buy_qty, f.sell_qty, f.order_qty) then 'NONE'
        when l.run_id is null then 'NO_LIMITS'
        when num_nulls(f.order_qty, f.held_qty, f.buy_qty, f.sell_qty) > 0 then 'UNKNOWN_POSITION'
        when num_nulls(f.mark_micros, f.reference_micros, f.other_gross, f.other_high, f.other_low,
                       f.equity_micros) > 0 then 'NO_REFERENCE_PRICE'
        when num_nulls(f.orders, f.messages, f.repeats) > 0 then 'UNKNOWN_RATE'
        when f.is_listed is not true then 'NOT_LISTED'
        when f.session_state is null then 'NO_SESSION'
        when l.allowed_session not in ('ANY', f.session_state) then 'SESSION_NOT_ALLOWED'
        when f.is_fresh is not true then 'STALE_PRICE'
        when f.restriction is null or f.restriction = 'TRADE' then 'RESTRICTED'
        when f.restriction = 'FORBIDDEN' then 'FORBIDDEN_PERIOD'
        when abs(f.order_qty) > l.max_order_qty then 'MAX_ORDER_QTY'
        when abs(f.order_qty) * v_price > l.max_order_notional_micros then 'MAX_ORDER_NOTIONAL'
        when risk.is_beyond_collar(l, f) then 'PRICE_COLLAR' end;
    if v_rule is not null then
        return nullif(v_rule, 'NONE');
    end if;
    v_high := (f.held_qty + f.buy_qty) * f.mark_micros + greatest(f.order_qty, 0) * v_price;
    v_low := (f.held_qty - f.sell_qty) * f.mark_micros + least(f.order_qty, 0) * v_price;
    v_worst := greatest(v_high, -v_low);
    return case
        when v_low < 0 and f.order_qty < 0 and not l.allow_short then 'SHORT_NOT_ALLOWED'
        when v_low < 0 and f.order_qty < 0 and f.restriction = 'SHORT' then 'SHORT_RESTRICTED'
        when v_low < 0 and f.order_qty < 0 and f.mark_micros * 10 <= f.reference_micros * 9
            then 'SHORT_SALE_RULE'
        when v_worst > l.max_position_micros then 'MAX_POSITION'
        when v_worst::numeric * 10000 > f.equity_micros::numeric * l.max_concentration_bps
            then 'MAX_CONCENTRATION'
        when f.other_gross + v_worst > l.max_gross_exposure_micros then 'MAX_GROSS_EXPOSURE'
        when greatest(f.other_high + v_high, -f.other_low - v_low) > l.max_net_exposure_micros
            then 'MAX_NET_EXPOSURE'
        when (f.other_gross + v_worst)::numeric * 10000 > f.equity_micros::numeric * l.max_leverage_bps
            then 'MAX_LEVERAGE'
        when f.orders >= l.max_orders then 'ORDER_RATE'
        when f.messages >= l.max_messages then 'MESSAGE_RATE'
        when f.repeats >= l.max_repeats then 'REPEATED_EXECUTION'
        else risk.find_pdt_denial(l, f) end;
end;
$function$;

comment on function risk.find_denial(risk.limits, risk.order_facts) is
$$The first rule that denies an order, or null. What a position may become counts: every unfinished order
is taken as filled, those of one side at a time, in this symbol and in all others.
Why: an order that only reduces a position always passes: a limit must never lock us in. Equal to a
limit is allowed; anything unknown denies. An order with prices is worth the highest of them and the mark,
and each of them lies within the collar around the mark. PROTECTED_POSITION: beside a protective stop such
an order may only open. SHORT_SALE_RULE: no short after a fall of a tenth.
Raises: 22003 overflow.$$;

create or replace function risk.get_restriction(
    p_symbol text,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((select r.restriction from risk.restrictions as r
                      where r.symbol = p_symbol
                        and (r.effective_at is null or r.effective_at <= p_now_at)
                      order by r.restriction_seq desc limit 1), 'NONE');
$function$;

comment on function risk.get_restriction(text, timestamptz) is
$$What the restricted list says of a symbol at p_now_at: NONE, SHORT or TRADE. Of what is in force by then
the last said counts, so that a new word overrides an end that was planned before it.$$;

create or replace function risk.list_restrictions(
    p_now_at timestamptz
)
returns setof risk.restrictions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.*
      from risk.restrictions as r
      left join lateral (
        select max(f.restriction_seq) as restriction_seq
          from risk.restrictions as f
         where f.symbol = r.symbol
           and (f.effective_at is null or f.effective_at <= p_now_at)) as f on true
     where r.restriction_seq = f.restriction_seq and r.restriction <> 'NONE'
        or r.restriction_seq > coalesce(f.restriction_seq, 0)
     order by r.symbol collate "C", r.restriction_seq;
$function$;

comment on function risk.list_restrictions(timestamptz) is
$$The restricted list: what is in force at p_now_at, and what was said since then for a later moment.$$;

create or replace function risk.restrict_symbols(
    p_symbols      jsonb,
    p_restriction  text,
    p_reason       text,
    p_effective_at timestamptz,
    p_now_at       timestamptz
)
returns table (
    symbol      text,
    restriction text,
    is_new      boolean
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        num_nulls(p_symbols, p_restriction, p_now_at) = 0, 'MQA01', 'symbols, restriction, now_at');
    perform core.assert_that(
        jsonb_typeof(p_symbols) = 'array' and p_symbols <> '[]'
        and not jsonb_path_exists(p_symbols, '$[*] ? (@.type() != "string")'), 'MQA05',
        left(p_symbols::text, 300));
    perform core.assert_that(
        p_restriction in ('NONE', 'SHORT', 'TRADE'), 'MQA02', 'restriction is NONE, SHORT or TRADE');
    perform core.assert_that(
        coalesce(p_effective_at, 'infinity') > p_now_at, 'MQA02', 'effective_at is later than now');
    perform core.assert_that(length(p_reason) between 1 and 500, 'MQA12', p_reason);
    lock table risk.restrictions in share row exclusive mode;
    for symbol in select distinct s.value from jsonb_array_elements_text(p_symbols) as s order by 1 loop
        restriction := p_restriction;
        is_new := not coalesce((
            select r.restriction = p_restriction
               and (r.effective_at is not distinct from p_effective_at
                    or p_effective_at is null and r.effective_at <= p_now_at)
              from risk.restrictions as r
             where r.symbol = restrict_symbols.symbol
             order by r.restriction_seq desc limit 1),
            p_restriction = 'NONE' and p_effective_at is null);
        insert into risk.restrictions (
            symbol, restriction_seq, restriction, reason, actor, effective_at, restricted_at)
        select restrict_symbols.symbol, coalesce(max(r.restriction_seq), 0) + 1, p_restriction,
               p_reason, session_user, p_effective_at, p_now_at
          from risk.restrictions as r
         where r.symbol = restrict_symbols.symbol
        having is_new;
        perform audit.append_desk_event(
            'RISK', 'SYMBOL_RESTRICTED',
            jsonb_build_object('symbol', symbol, 'restriction', p_restriction, 'reason', p_reason,
                               'effective_at', core.format_iso(p_effective_at)),
            p_now_at)
          where is_new;
        return next;
    end loop;
end;
$function$;

comment on function risk.restrict_symbols(jsonb, text, text, timestamptz, timestamptz) is
$$Puts symbols on the restricted list (SHORT, TRADE) or takes them off (NONE), at once or from a moment to
come (p_effective_at); a row each, with whether that is new. A symbol need not be known yet.
Raises: MQA01; MQA05 not an array of names; MQA02 an unknown word, a moment that has been; MQA12 no
reason; 23514 not a ticker.$$;

create or replace function risk.get_day_trader_flag(
    p_account_id text
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((select f.is_flagged from risk.day_trader_flags as f
                      where f.account_id = p_account_id
                      order by f.flag_seq desc limit 1), false);
$function$;

comment on function risk.get_day_trader_flag(text) is
$$True while an account counts as a pattern day trader's: until a person clears it.$$;

create or replace function risk.count_day_trades(
    p_account_id text,
    p_now_at     timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(distinct f.client_order_id)
      from run.runs as r
      join ledger.positions as p using (run_id)
      join ledger.lot_closes as c using (run_id, symbol, match_no)
      join ledger.lots as l using (run_id, symbol, match_no, lot_seq)
      join ledger.fills as f on f.run_id = c.run_id and f.fill_seq = c.fill_seq
      join ref.instruments as i on i.symbol = p.symbol
     cross join lateral (
        select s.closes_at,
               lead(s.closes_at, 1, '-infinity') over (order by s.closes_at desc) as from_at
          from ref.sessions as s
         where s.exchange_id = i.exchange_id
           and s.closes_at <= (ref.get_next_session(i.exchange_id, p_now_at)).closes_at
         order by s.closes_at desc limit 5) as w
     where r.account_id = p_account_id
       and c.closed_at > w.from_at and c.closed_at <= w.closes_at
       and l.opened_at > w.from_at and l.opened_at <= w.closes_at;
$function$;

comment on function risk.count_day_trades(text, timestamptz) is
$$Orders of an account that closed shares in the session in which they were opened, over five exchange
sessions: the one in which an order given at p_now_at would trade, and the four before it.
Why: counted from our own fills and the calendar; two orders that close one purchase count twice, which
is the stricter reading.$$;

create or replace function risk.set_day_trader_flag(
    p_account_id text,
    p_is_flagged boolean,
    p_day_trades bigint,
    p_reason     text,
    p_now_at     timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if risk.get_day_trader_flag(p_account_id) = p_is_flagged then
        return false;
    end if;
    insert into risk.day_trader_flags (
        account_id, flag_seq, is_flagged, day_trades, reason, actor, flagged_at)
    select p_account_id, coalesce(max(f.flag_seq), 0) + 1, p_is_flagged, p_day_trades, p_reason,
           session_user, p_now_at
      from risk.day_trader_flags as f
     where f.account_id = p_account_id;
    perform audit.append_desk_event(
        'RISK', case when p_is_flagged then 'DAY_TRADER_FLAGGED' else 'DAY_TRADER_CLEARED' end,
        jsonb_build_object('account_id', p_account_id, 'day_trades', p_day_trades,
                           'reason', p_reason), p_now_at);
    return true;
end;
$function$;

comment on function risk.set_day_trader_flag(text, boolean, bigint, text, timestamptz) is
$$Flags an account as a pattern day trader's, or clears it; false when it stands so already.$$;

create or replace function risk.clear_day_trader(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs := run.lock_run(p_run_id, true, p_now_at);
begin
    return risk.set_day_trader_flag(
        v_run.account_id, false, risk.count_day_trades(v_run.account_id, p_now_at), p_reason,
        p_now_at);
end;
$function$;

comment on function risk.clear_day_trader(uuid, text, timestamptz) is
$$A person clears the day trader's flag of a run's account; false when it was not set.
Why: the flag outlives the five sessions; only a person takes it away.
Raises: MQN02.$$;

create or replace function risk.get_portfolio(
    p_run_id uuid,
    p_symbol text,
    p_open   jsonb,
    p_now_at timestamptz,
    out other_gross   bigint,
    out other_high    bigint,
    out other_low     bigint,
    out equity_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case when b.unknown = 0 then b.gross end, case when b.unknown = 0 then b.high end,
           case when b.unknown = 0 then b.low end, case when b.unpriced = 0 then c.cash_micros + b.worth end
      from ledger.portfolios as c
     cross join lateral (
        select coalesce(sum(greatest(x.high_qty, -x.low_qty) * x.mark) filter (where x.is_other), 0)::bigint
                   as gross,
               coalesce(sum(x.high_qty * x.mark) filter (where x.is_other), 0)::bigint as high,
               coalesce(sum(x.low_qty * x.mark) filter (where x.is_other), 0)::bigint as low,
               coalesce(sum(x.held_qty * x.mark), 0)::bigint as worth,
               count(*) filter (where x.is_other and x.mark is null
                                  and (x.high_qty, x.low_qty) <> (0, 0)) as unknown,
               count(*) filter (where x.mark is null and x.held_qty <> 0) as unpriced
          from (select m.mark_micros as mark, m.symbol <> p_symbol as is_other, h.held_qty,
                       h.held_qty + coalesce((p_open #>> array[m.symbol, 'buy'])::bigint, 0) as high_qty,
                       h.held_qty - coalesce((p_open #>> array[m.symbol, 'sell'])::bigint, 0) as low_qty
                  from md.list_marks(p_run_id, p_now_at) as m
                  left join ledger.positions as p on p.run_id = p_run_id and p.symbol = m.symbol
                 cross join lateral (select coalesce(p.position_qty, 0) as held_qty) as h) as x) as b
     where c.run_id = p_run_id and p_open is not null;
$function$;

comment on function risk.get_portfolio(uuid, text, jsonb, timestamptz) is
$$What a run holds besides p_symbol, in micros at the marks of p_now_at, every unfinished order of
p_open {symbol: {buy, sell}} taken as filled, one side at a time (gross: the worse of the two; high:
all buys; low: all sells); and its equity. Null where a mark that matters is missing.
Why: every unfinished order uses up the limits at once.$$;

create or replace function risk.get_quote(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz,
    out instrument_kind  text,
    out is_listed        boolean,
    out session_state    text,
    out mark_micros      bigint,
    out reference_micros bigint,
    out is_fresh         boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.instrument_kind, coalesce(l.is_listed, false),
           case when s.opens_at <= p_now_at then 'OPEN' when s.opens_at > p_now_at then 'CLOSED' end,
           b.marks[1], b.marks[2],
           b.mark_at >= coalesce((
               select d.ends_at
                 from ref.get_closed_slot(i.exchange_id, p.timeframe,
                                          p_now_at - p.stale_after_ms * interval '1 ms') as d),
               b.mark_at)
      from ref.instruments as i
      join md.policies as p on p.run_id = p_run_id
      left join lateral ref.get_next_session(i.exchange_id, p_now_at) as s on true
      left join lateral ref.get_listing(i.symbol, s.session_on) as l on true
      cross join lateral (
        select array_agg(md.restate_price(i.symbol, b.close_micros, b.bar_end_at, p_now_at)
                         order by b.bar_end_at desc) as marks,
               max(b.bar_end_at) as mark_at
          from md.list_marks_as_of(i.symbol, p.timeframe, 2, p_now_at) as b) as b
     where i.symbol = p_symbol;
$function$;

comment on function risk.get_quote(uuid, text, timestamptz) is
$$A symbol's market as an order at p_now_at would find it: the last undisputed close and the one before
it, both as prices of the shares of p_now_at (a split is no fall), whether
the last is of the last slot that had ended (late by no more than data.stale_data_threshold_seconds),
whether it is listed in the next session, and whether that session is OPEN or yet CLOSED.$$;

create or replace function risk.get_facts(
    p_run_id    uuid,
    p_symbol    text,
    p_order_qty bigint,
    p_open      jsonb,
    p_messages  bigint,
    p_now_at    timestamptz
)
returns risk.order_facts
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(
        q.instrument_kind, q.is_listed, q.session_state, coalesce(
            case when md.find_ban(p_run_id, p_symbol, p_now_at) is not null then 'FORBIDDEN' end,
            risk.get_restriction(p_symbol, p_now_at)), p_order_qty,
        ledger.get_position_qty(p_run_id, p_symbol), o.buy_qty, o.sell_qty, q.mark_micros,
        q.reference_micros, q.is_fresh, b.other_gross, b.other_high, b.other_low, b.equity_micros,
        n.orders, p_messages, n.repeats,
        case l.pdt_mode when 'OFF' then null
                        else risk.count_day_trades(r.account_id, p_now_at) end,
        risk.get_day_trader_flag(r.account_id), null, null, null)::risk.order_facts
      from run.runs as r
      join risk.limits as l using (run_id)
     cross join lateral (
        select case when p_open is not null
                    then coalesce((p_open #>> array[p_symbol, 'buy'])::bigint, 0) end as buy_qty,
               case when p_open is not null
                    then coalesce((p_open #>> array[p_symbol, 'sell'])::bigint, 0) end as sell_qty) as o
      left join lateral risk.get_quote(p_run_id, p_symbol, p_now_at) as q on true
      left join lateral risk.get_portfolio(p_run_id, p_symbol, p_open, p_now_at) as b on true
     cross join lateral (
        select count(*) filter (where d.decided_at > p_now_at - l.order_window_ms * interval '1 ms')
                   as orders,
               count(*) filter (
                   where d.symbol = p_symbol and sign(d.order_qty) = sign(p_order_qty)
                     and d.decided_at > p_now_at - l.repeat_window_ms * interval '1 ms') as repeats
          from risk.decisions as d
         where d.run_id = p_run_id and d.verdict = 'ALLOW'
           and d.decided_at > p_now_at
               - greatest(l.order_window_ms, l.repeat_window_ms) * interval '1 ms') as n
     where r.run_id = p_run_id;
$function$;

comment on function risk.get_facts(uuid, text, bigint, jsonb, bigint, timestamptz) is
$$All that an order of p_order_qty signed shares is judged by at p_now_at. p_open: every unfinished order
of the run, {symbol: {buy, sell}}; p_messages: requests to the broker within the message window.
Why: integrity, portfolio, orders, calendar, lists and config in one row, so that one function judges it
and the row can be kept. What nobody knows is null, and null denies.$$;

create or replace function risk.check_order(
    p_run_id    uuid,
    p_intent_id uuid,
    p_symbol    text,
    p_order_qty bigint,
    p_open      jsonb,
    p_messages  bigint,
    p_terms     risk.order_terms,
    p_now_at    timestamptz
)
returns risk.decisions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_limits   risk.limits;
    v_facts    risk.order_facts := risk.get_facts(
        p_run_id, p_symbol, p_order_qty, p_open, p_messages, p_now_at);
    v_rule     text;
    v_decision risk.decisions;
begin
    v_facts.limit_micros := p_terms.limit_micros;
    v_facts.stop_micros := p_terms.stop_micros;
    v_facts.is_guarded := p_terms.is_guarded;
    select l.* into strict v_limits from risk.limits as l where l.run_id = p_run_id;
    v_rule := risk.find_denial(v_limits, v_facts);
    insert into risk.decisions (
        run_id, intent_id, verdict, rule, symbol, order_qty, numbers, decided_at)
    values (p_run_id, p_intent_id, case when v_rule is null then 'ALLOW' else 'DENY' end,
            coalesce(v_rule, 'NONE'), p_symbol, p_order_qty,
            to_jsonb(v_facts) || jsonb_build_object('limits', to_jsonb(v_limits)), p_now_at)
    returning * into v_decision;
    perform audit.append_event(
        p_run_id, 'RISK', 'ORDER_' || v_decision.verdict,
        jsonb_build_object('intent_id', p_intent_id, 'rule', v_decision.rule, 'symbol', p_symbol,
                           'order_qty', p_order_qty), p_now_at);
    return v_decision;
end;
$function$;

comment on function risk.check_order(
    uuid, uuid, text, bigint, jsonb, bigint, risk.order_terms, timestamptz) is
$$Decides whether an intent may become an order and stores the verdict with every number it saw, so that
inv.a_verdict_follows_from_its_numbers can decide again. p_open, p_messages: see risk.get_facts;
p_terms: null for an order at the market.
Why: an order row needs an ALLOW row for exactly its symbol and quantity (foreign key).
Raises: 23505 decided before.$$;

create or replace function risk.get_flatten(
    p_run_id uuid
)
returns risk.flattens
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.*
      from run.runs as r
      join risk.flattens as f on f.run_id = r.run_id and f.halted_seq = r.status_seq
     where r.run_id = p_run_id and r.run_status = 'HALTED';
$function$;

comment on function risk.get_flatten(uuid) is
$$The flatten that a run is under, or null: it is void once the halt it belongs to is cleared.
Why: one that is done goes on being asked for, so that a fill that comes late is closed, too.$$;

create or replace function risk.open_flatten(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_flatten risk.flattens;
begin
    insert into risk.flattens (run_id, halted_seq, reason, actor, asked_at)
    select r.run_id, r.status_seq, coalesce(p_reason, 'critical: ' || t.reason), audit.get_actor(),
           run.clamp_now(p_run_id, p_now_at)
      from run.runs as r
      join risk.limits as l using (run_id)
      left join lateral (
           select left(t.reason, 400) as reason
             from run.trips as t
             join run.trip_kinds as k using (trip_kind)
            where t.run_id = r.run_id and t.halted_seq = r.status_seq and k.is_critical
            order by t.trip_seq limit 1) as t on true
     where r.run_id = p_run_id and r.run_status = 'HALTED'
       and (p_reason is not null or l.flatten_on_critical and t.reason is not null)
    on conflict (run_id, halted_seq) do nothing
    returning * into v_flatten;
    if not found then
        return false;
    end if;
    perform audit.append_event(
        p_run_id, 'RISK', 'FLATTEN_ASKED',
        jsonb_build_object('halted_seq', v_flatten.halted_seq, 'reason', v_flatten.reason), p_now_at);
    return true;
end;
$function$;

comment on function risk.open_flatten(uuid, text, timestamptz) is
$$Asks for all positions of a halted run to be closed: for a person's reason, or (p_reason null) when a
critical kill switch was pulled and risk.flatten_on_critical is set. Once a halt; true when it is new.$$;

create or replace function risk.record_flatten(
    p_flatten   risk.flattens,
    p_waits_for text,
    p_is_done   boolean,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    update risk.flattens as f
       set waits_for = p_waits_for,
           done_at = case when p_is_done then run.clamp_now(f.run_id, p_now_at) end
     where f.run_id = p_flatten.run_id and f.halted_seq = p_flatten.halted_seq
       and (f.waits_for is distinct from p_waits_for or (f.done_at is not null) <> p_is_done);
    if found then
        perform audit.append_event(
            p_flatten.run_id, 'RISK',
            case when p_is_done then 'FLATTENED'
                 when p_waits_for is not null then 'FLATTEN_WAITS' else 'FLATTEN_GOES_ON' end,
            jsonb_build_object('halted_seq', p_flatten.halted_seq, 'waits_for', p_waits_for), p_now_at);
        perform pg_notify('mqk_run', p_flatten.run_id::text);
    end if;
end;
$function$;

comment on function risk.record_flatten(risk.flattens, text, boolean, timestamptz) is
$$Writes down what a flatten waits for, that it goes on (null), or that everything is closed; a diary
entry each time that changes, for a person to read.$$;

create or replace trigger _900_refuse_change before update or delete on risk.limits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on risk.decisions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on risk.rejects
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.decisions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.rejects
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.limits
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on risk.restrictions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.restrictions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on risk.day_trader_flags
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.day_trader_flags
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on risk.flattens
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.flattens
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on risk.states
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.states
for each statement execute function core.tg_refuse_change();

commit;
