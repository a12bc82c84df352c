create or replace function recon.get_strangers(
    p_run      run.runs,
    p_document jsonb
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_object_agg(t.name, case
               when exists (
                   select from oms.orders as o join run.runs as r using (run_id)
                    where o.client_order_id = t.name
                      and o.account_id = p_run.account_id
                      and r.engine_id = p_run.engine_id) then 'EARLIER_RUN'
               when t.name !~ '^[A-Z][A-Z0-9]{1,7}_' then 'FOREIGN'
               when split_part(t.name, '_', 1) = p_run.engine_id then 'OUR_NAME'
               when exists (
                   select from run.engines as e
                    where e.engine_id = split_part(t.name, '_', 1))
                then 'OTHER_ENGINE'
               else 'FOREIGN' end), '{}')
      from (select x.value ->> 'client_order_id' as name
              from jsonb_array_elements(p_document -> 'orders') as x) as t
     where t.name is not null
       and not exists (
           select from oms.orders as o
            where o.client_order_id = t.name and o.run_id = p_run.run_id);
$function$;

comment on function recon.get_strangers(run.runs, jsonb) is
$$Orders of a snapshot that are not this run's, by name: EARLIER_RUN of this engine and account,
OTHER_ENGINE of ours (by its prefix), OUR_NAME that we never gave, or FOREIGN.
Why: an engine answers for its own orders; what bears its name and is not known is nobody else's.$$;
