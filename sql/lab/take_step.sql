create or replace function lab.take_step(
    p_study_id uuid,
    p_now_at   timestamptz
)
returns lab.steps
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_study lab.studies;
    v_step  lab.steps;
begin
    select s.* into v_study from lab.studies as s where s.study_id = p_study_id for update;
    perform core.assert_that(found, 'MQN86', coalesce(p_study_id::text, 'null'));
    v_step := lab.find_step(p_study_id);
    if v_step.study_id is null and v_study.terms ? 'folds' then
        perform lab.plan_tests(v_study, p_now_at);
        v_step := lab.find_step(p_study_id);
    end if;
    return v_step;
end;
$function$;

comment on function lab.take_step(uuid, timestamptz) is
$$The next step of a study, under its lock; when all training is done, that plans the tests. Null: there is
none left.
Raises: MQN86.$$;
