create or replace function md.list_run_symbols(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_agg(s.symbol order by s.symbol collate "C"), '[]')
      from (select u.symbol from run.universe as u where u.run_id = p_run_id
             union
            select c.config #>> '{data,benchmark_symbol}'
              from run.runs as r join run.configs as c using (config_hash)
             where r.run_id = p_run_id) as s
     where s.symbol is not null;
$function$;

comment on function md.list_run_symbols(uuid) is
$$The symbols that a run needs bars of, as a json array: its universe and its benchmark.$$;
