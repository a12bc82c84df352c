create or replace function lab.format_actions(
    p_set      lab.datasets,
    p_as_of_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_agg(jsonb_build_object(
               'line_no', a.nth, 'symbol', a.symbol, 'action_kind', a.action_kind,
               'ex_on', a.ex_on::text,
               'ratio', case when a.action_kind = 'SPLIT' then a.ratio_num || ':' || a.ratio_den end,
               'amount', case when a.action_kind <> 'SPLIT' then core.format_micros(a.amount_micros) end,
               'record_on', a.record_on::text, 'pay_on', a.pay_on::text,
               'announced_at', core.format_iso(a.announced_at), 'cancels', null) order by a.nth), '[]')
      from (select a.*, row_number() over (
                       order by a.announced_at, a.ex_on, a.symbol collate "C", a.action_kind) as nth
              from lab.list_dataset_actions(p_set, p_as_of_at) as a) as a;
$function$;

comment on function lab.format_actions(lab.datasets, timestamptz) is
$$The corporate actions of a dataset (lab.list_dataset_actions), in the order in which they were
announced, as rows for md.load_actions.$$;
