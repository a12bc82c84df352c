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
