create or replace function lab.begin_study(
    p_backtest_id uuid,
    p_study_kind  text,
    p_terms       jsonb,
    p_now_at      timestamptz
)
returns lab.studies
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test  lab.backtests;
    v_study lab.studies;
    v_terms jsonb := p_terms;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    perform core.assert_that(
        v_test.backtest_status <> 'CREATED', 'MQA87', format('%s is %s', p_backtest_id,
                                                              v_test.backtest_status));
    if v_terms ? 'choices' and jsonb_typeof(v_terms -> 'choices') <> 'array' then
        v_terms := v_terms || jsonb_build_object('choices', jsonb_build_array(v_test.parameters));
    end if;
    perform lab.assert_study_terms(v_test, p_study_kind, v_terms);
    insert into lab.studies (
        study_id, study_kind, backtest_id, config_hash, data_sha256, terms, begun_by, begun_at)
    select core.derive_id('study', array[p_backtest_id::text, p_study_kind, v_terms::text]),
           p_study_kind, p_backtest_id, v_test.config_hash, d.data_sha256, v_terms, audit.get_actor(),
           p_now_at
      from lab.datasets as d
     where d.dataset_id = v_test.dataset_id
    on conflict (study_id) do nothing
    returning * into v_study;
    if not found then
        select s.* into strict v_study from lab.studies as s
         where s.study_id = core.derive_id('study', array[
               p_backtest_id::text, p_study_kind, v_terms::text]);
        return v_study;
    end if;
    perform lab.plan_steps(v_study, p_now_at);
    perform audit.append_desk_event(
        'LAB', 'STUDY_BEGUN', to_jsonb(v_study) - array['begun_at', 'begun_by'], p_now_at);
    return v_study;
end;
$function$;

comment on function lab.begin_study(uuid, text, jsonb, timestamptz) is
$$Begins a study of a backtest that ended, and plans its steps; the same again is the same study.
Terms: STRESS none; WALK_FORWARD and CROSS_VALIDATION folds, score (SHARPE or RETURN), choices (parameters
to choose from; null: those of the config), the latter embargo (ticks); MONTE_CARLO samples, seed, method.
Raises: MQN81; MQA86; MQA87.$$;
