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
