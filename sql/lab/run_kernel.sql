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
    v_ns       integer;  v_window integer := lab.get_step_window(p_backtest);
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
      from (select g.tick_no, g.symbol_no,
                   case g.signal_kind when 'SHARES' then 1 when 'WEIGHT' then 2 else 3 end as kind,
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
            if v_window is not null and v_whole[v_t] then  -- one that wants to be asked at each tick
                v_asked := lab.decide_targets(p_backtest, v_tick, v_window, v_held, v_eq);
                v_kind := array_fill(1, array[v_k]);
                v_active := array_fill(true, array[v_k]);
                v_wake := true;
            end if;
            continue when not v_wake or not v_whole[v_t];
            v_wake := false;
            v_np := 0;
            v_pl := '{}';
            v_pk := '{}';
            for i in 1..v_k loop
                continue when not v_active[i];
                v_target := case
                    when v_kind[i] = 3 then v_held[i]
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
        raise notice 'tick % of %', v_tick, v_set.ticks;
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
