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
