create or replace function lab.plan_steps(
    p_study  lab.studies,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test lab.backtests;
    v_case record;
begin
    select b.* into strict v_test from lab.backtests as b where b.backtest_id = (p_study).backtest_id;
    if (p_study).study_kind = 'STRESS' then
        for v_case in select c.* from lab.list_scenarios() as c order by c.scenario_no loop
            perform lab.add_step(
                p_study, 1, 'SCENARIO', v_case.scenario, 0,
                row(v_case.change_kind, 1, d.ticks)::lab.stretch, v_case.latency_bars, p_now_at)
               from lab.datasets as d where d.dataset_id = v_test.dataset_id;
        end loop;
    elsif (p_study).terms ? 'folds' and jsonb_array_length((p_study).terms -> 'choices') > 1 then
        for v_case in
            select f.*, n as choice_no
              from lab.list_study_folds(p_study) as f
             cross join generate_series(1, jsonb_array_length((p_study).terms -> 'choices')) as n
             where f.step_part = 'TRAIN'
             order by f.fold_no, n, f.segment
        loop
            perform lab.add_step(
                p_study, v_case.fold_no, 'TRAIN', 'SEGMENT ' || v_case.segment, v_case.choice_no,
                row('SLICE', v_case.first_tick, v_case.last_tick)::lab.stretch, 0, p_now_at);
        end loop;
    end if;
end;
$function$;

comment on function lab.plan_steps(lab.studies, timestamptz) is
$$Opens the backtests of a study that do not depend on others: the scenarios of a stress battery, the
training of folds. With one choice there is nothing to train.$$;
