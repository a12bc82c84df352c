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
    v_fast   integer := (p_backtest.parameters ->> 'fast_bars')::integer;
    v_slow   integer := (p_backtest.parameters ->> 'slow_bars')::integer;
    v_weight bigint := (p_backtest.parameters ->> 'weight_bps')::bigint;
    v_close  bigint[];
    v_f      bigint;
    v_s      bigint;
    v_is_up  boolean;
    v_was_up boolean;
    v_at     integer[];
    v_tick   integer[] := '{}';
    v_amount bigint[] := '{}';
    v_n      integer;
begin
    for v_symbol in 1..(select cardinality(d.symbols) from lab.datasets as d
                         where d.dataset_id = p_backtest.dataset_id)
    loop
        v_close := lab.list_closes(p_backtest.dataset_id, v_symbol);
        v_at := null;
        if array_position(v_close, null) is not null then  -- only bars that are there are counted
            select array_agg(c.nth order by c.nth), array_agg(c.close order by c.nth) into v_at, v_close
              from unnest(v_close) with ordinality as c (close, nth) where c.close is not null;
        end if;
        v_f := 0;
        v_s := 0;
        v_was_up := false;
        v_n := 0;
        v_tick := '{}';
        v_amount := '{}';
        for t in 1..coalesce(cardinality(v_close), 0) loop
            v_f := v_f + v_close[t] - case when t > v_fast then v_close[t - v_fast] else 0 end;
            v_s := v_s + v_close[t] - case when t > v_slow then v_close[t - v_slow] else 0 end;
            v_is_up := t >= v_slow and v_f * v_slow > v_s * v_fast;
            if v_is_up <> v_was_up then
                v_n := v_n + 1;
                v_tick[v_n] := coalesce(v_at[t], t);
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

comment on function lab.signal_sma_trend_sql(lab.backtests) is
$$The signals of strategy sma_trend_sql on a whole dataset: weight_bps from the tick on which the fast sum
rises above the slow one, 0 from the tick on which it does no more; a missing bar counts for nothing. The
rule of strat.decide_sma_trend_sql in a window of at least slow_bars.$$;
