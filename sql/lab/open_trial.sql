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
