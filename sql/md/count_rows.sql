create or replace function md.count_rows(
    p_rows md.judged_bar[]
)
returns md.ingests
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_report md.ingests;
begin
    with counted as (
        select r.verdict, count(*) as n from unnest(p_rows) as r group by r.verdict
    )
    select coalesce(sum(c.n), 0),
           coalesce(sum(c.n) filter (where c.verdict = 'NEW'), 0),
           coalesce(sum(c.n) filter (where c.verdict = 'KNOWN'), 0),
           coalesce(sum(c.n) filter (where md.is_rejected(c.verdict)), 0),
           coalesce(jsonb_object_agg(c.verdict, c.n) filter (
               where c.verdict in ('INCOMPLETE', 'OUT_OF_SESSION', 'DUPLICATE')), '{}')
      into v_report.rows_read, v_report.rows_stored, v_report.rows_known, v_report.rows_rejected,
           v_report.skipped
      from counted as c;
    v_report.rows_skipped := v_report.rows_read - v_report.rows_stored - v_report.rows_known
                             - v_report.rows_rejected;
    return v_report;
end;
$function$;

comment on function md.count_rows(md.judged_bar[]) is
$$How many rows of a batch were stored, known, passed over and refused.$$;
