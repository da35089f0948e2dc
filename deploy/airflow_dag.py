"""An Airflow DAG (2.4 or newer, also 3) that refreshes the ledger every night, then verifies it and checks its age.

Copy it to the folder of DAGs and set the Airflow variable `qaledger_home` to the folder that holds .venv and data.
Exit code 3 (published, and some input was rejected) is not a failure; 75 (another run is writing)
is one, so Airflow tries the task again.
"""

from datetime import datetime, timedelta

from airflow import DAG

try:
    from airflow.providers.standard.operators.bash import BashOperator  # Airflow 3
except ImportError:
    from airflow.operators.bash import BashOperator

HOME = "{{ var.value.get('qaledger_home', '/opt/qaledger') }}"

with DAG(
    dag_id="qaledger",
    schedule="30 2 * * *",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=15)},
) as dag:
    run = BashOperator(
        task_id="run",
        bash_command=f"cd {HOME} && .venv/bin/qaledger run data/raw --keep 7 --log json || test $? -eq 3",
        execution_timeout=timedelta(hours=6),
    )
    verify = BashOperator(task_id="verify", bash_command=f"cd {HOME} && .venv/bin/qaledger verify")
    status = BashOperator(
        task_id="status", bash_command=f"cd {HOME} && .venv/bin/qaledger status --max-age 26h", retries=0
    )
    run >> verify >> status
