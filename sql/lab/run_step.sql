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
    v_step := lab.take_step(p_study_id, p_now_at);
    if v_step.study_id is null then
        select s.* into strict v_study from lab.studies as s where s.study_id = p_study_id;
        perform lab.end_study(v_study, p_now_at);
        return;
    end if;
    select b.* into strict v_test from lab.backtests as b where b.backtest_id = v_step.backtest_id;
    perform lab.assert_signals(v_test);
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
Raises: MQN86; MQS81 its strategy lives outside the database and has not given its signals.$$;
