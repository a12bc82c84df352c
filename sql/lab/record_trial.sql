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
