create or replace function lab.open_sweep(
    p_dataset_id     uuid,
    p_canonical_json text,
    p_grid           jsonb,
    p_now_at         timestamptz
)
returns lab.sweeps
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_config jsonb;
    v_sweep  lab.sweeps;
    v_count  numeric;
begin
    perform core.assert_that(
        num_nulls(p_dataset_id, p_canonical_json, p_grid, p_now_at) = 0, 'MQA01',
        'dataset_id, config, grid, now_at');
    perform core.assert_that(
        exists (select from lab.datasets as d where d.dataset_id = p_dataset_id), 'MQN80',
        p_dataset_id::text);
    v_sweep.config_hash := run.store_config(p_canonical_json, p_now_at);
    v_config := p_canonical_json::jsonb;
    perform core.assert_that(
        jsonb_typeof(p_grid) = 'object' and p_grid <> '{}' and not exists (
            select from jsonb_each(p_grid) as g
             where jsonb_typeof(g.value) <> 'array' or g.value = '[]'
                or not (v_config #> '{strategy,parameters}') ? g.key),
        'MQA85', p_grid::text);
    select round(exp(sum(ln(jsonb_array_length(g.value))))) into v_count from jsonb_each(p_grid) as g;
    perform core.assert_that(v_count <= 10000, 'MQA02', format('%s combinations, of 1..10000', v_count));
    v_sweep.sweep_id := core.derive_id('sweep', array[
        p_dataset_id::text, v_sweep.config_hash, p_grid::text]);
    insert into lab.sweeps (sweep_id, dataset_id, config_hash, grid, jobs, created_by, created_at)
    select v_sweep.sweep_id, p_dataset_id, v_sweep.config_hash, p_grid, count(distinct c),
           audit.get_actor(), p_now_at
      from lab.list_combinations(p_grid) as c
    on conflict (sweep_id) do nothing;
    if found then
        insert into lab.sweep_jobs (sweep_id, job_no, config_hash, parameters, job_status, claim_no)
        select v_sweep.sweep_id, row_number() over (order by c.parameters),
               run.store_config(core.format_canonical_json(jsonb_set(
                   v_config, '{strategy,parameters}',
                   v_config #> '{strategy,parameters}' || c.parameters)), p_now_at),
               c.parameters, 'PENDING', 0
          from (select distinct l as parameters from lab.list_combinations(p_grid) as l) as c;
    end if;
    select s.* into strict v_sweep from lab.sweeps as s where s.sweep_id = v_sweep.sweep_id;
    return v_sweep;
end;
$function$;

comment on function lab.open_sweep(uuid, text, jsonb, timestamptz) is
$$Opens a sweep of a config, in canonical json, over a grid {parameter: [values]}: one job for each value
with each. The same again is the same sweep, as far as it has come.
Raises: MQA01; MQA85 the grid is no list of values of parameters that the config has; MQA02 over 10000
jobs; MQN80; MQA06.$$;
