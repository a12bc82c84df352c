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
